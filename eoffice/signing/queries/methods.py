"""Ways of signing, of people and of seals, and the services behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from eoffice.core.errors import NotFound
from eoffice.signing.models import SigningKey, SigningMethod, SigningProvider
from eoffice.signing.providers.signer import AskedField
from eoffice.signing.queries.keys import key_of_person, key_of_unit
from eoffice.signing.services.signers import signer_of


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """A way of signing as pages offer it; `method` None is the key kept in this installation."""

    method: SigningMethod | None
    key: SigningKey | None
    name: str
    words: str
    is_default: bool
    is_ready: bool
    asks: tuple[AskedField, ...] = ()

    @property
    def id(self) -> int:
        return self.method.pk if self.method is not None else 0


def methods_of(person_id: int) -> list[SigningMethod]:
    """A person's ways of signing beside the key kept here, oldest first."""
    return _methods(SigningMethod.objects.filter(person_id=person_id))


def methods_of_seal(unit_id: int) -> list[SigningMethod]:
    """The ways a unit's seal signs beside the key kept here, oldest first."""
    return _methods(SigningMethod.objects.filter(unit_id=unit_id))


def _methods(rows: QuerySet[SigningMethod]) -> list[SigningMethod]:
    return list(rows.filter(removed_at__isnull=True).select_related("provider").order_by("pk")[:50])


def choices_of(person_id: int, *, now: datetime) -> list[MethodChoice]:
    """Every way a person can sign, the default first: two statements."""
    return _choices(key_of_person(person_id), methods_of(person_id), now)


def choices_of_seal(unit_id: int, *, now: datetime) -> list[MethodChoice]:
    """Every way a unit's seal can sign, the default first: two statements."""
    return _choices(key_of_unit(unit_id), methods_of_seal(unit_id), now)


def _choices(key: SigningKey | None, methods: list[SigningMethod], now: datetime) -> list[MethodChoice]:
    has_default = any(method.is_default for method in methods)
    own = [MethodChoice(None, key, "Máy chủ ký số", "Mã PIN", not has_default, key.expires_at > now)] if key else []
    others = [
        MethodChoice(
            method,
            None,
            method.provider.name if method.provider else method.get_kind_display(),
            method.subject,
            method.is_default,
            method.expires_at > now and (method.provider is None or method.provider.is_on),
            signer_of(method).asks if method.provider else (),
        )
        for method in methods
    ]
    return sorted([*own, *others], key=lambda choice: not choice.is_default)


def get_method(*, person_id: int, method_id: int) -> SigningMethod:
    """One of a person's own ways of signing. Raises NotFound."""
    return _one_of(methods_of(person_id), method_id)


def get_seal_method(*, unit_id: int, method_id: int) -> SigningMethod:
    """One of the ways a unit's seal signs. Raises NotFound."""
    return _one_of(methods_of_seal(unit_id), method_id)


def _one_of(methods: list[SigningMethod], method_id: int) -> SigningMethod:
    method = next((each for each in methods if each.pk == method_id), None)
    if method is None:
        raise NotFound
    return method


def providers(*, only_on: bool = False) -> list[SigningProvider]:
    """The remote services set up, by name, a hundred at most."""
    rows = SigningProvider.objects.filter(is_on=True) if only_on else SigningProvider.objects.all()
    return list(rows.order_by("name", "pk")[:100])


def get_provider(provider_id: int) -> SigningProvider:
    """One remote service. Raises NotFound."""
    provider = SigningProvider.objects.filter(pk=provider_id).first()
    if provider is None:
        raise NotFound
    return provider
