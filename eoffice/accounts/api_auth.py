"""Sign-in of programs: a personal token, or the browser's own session with its CSRF token."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer, django_auth

from eoffice.accounts import services
from eoffice.accounts.models import User
from eoffice.core import clock

READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class PersonalTokenAuth(HttpBearer):
    """`Authorization: Bearer eo_…`. The scope asked is `<area>:read` for reads, `<area>:write` for the rest."""

    def __init__(self, area: str) -> None:
        super().__init__()
        self.area = area

    def authenticate(self, request: HttpRequest, token: str) -> User:
        verb = "read" if request.method in READ_METHODS else "write"
        user = services.user_of_token(secret=token, scope=f"{self.area}:{verb}", now=clock.now())
        request.user = user
        return user


def token_or_session(area: str) -> list[object]:
    """The two ways into the API of an area (`documents`, `organization`)."""
    return [PersonalTokenAuth(area), django_auth]
