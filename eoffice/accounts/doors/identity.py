"""What every door ends in."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.accounts.errors import ForeignRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody a door vouches for. `subject` never changes there; `email` counts only when `email_is_verified`."""

    subject: str
    email: str
    email_is_verified: bool
    second_factor_done: bool = False
    session: str = ""
    """The provider's name of its session, for its sign-out."""
    id_token: str = ""
    authenticated_s: float = 0.0
    """When the door says it asked the person (seconds since 1970); 0 where it does not say."""


class DoorDown(Exception):
    """The other side does not answer, or not in its protocol. The message is for the administrator, in Vietnamese."""


class AnswerRefused(ForeignRefused):
    """The other side's answer is forged, stale, for somebody else, or says no. `why` is for the log and for tests."""

    code = "answer_refused"

    def __init__(self, why: str) -> None:
        super().__init__(why=why)
        self.why = why
