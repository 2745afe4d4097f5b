"""Whether a certificate is its holder's: what it names against whom we know."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from eoffice.core.vietnamese import fold
from eoffice.organization import queries as organization
from eoffice.organization.models import Person, Unit
from eoffice.signing.models import MethodRules

_CUT_FROM_BYTES: Final = 58
"""Authorities cut the names of bodies at 64 signs, some at as many bytes, or a little before."""


def rules_of_methods() -> MethodRules:
    """What of a certificate must match its person; as in a new installation where nothing was set."""
    return MethodRules.objects.filter(pk=1).first() or MethodRules(pk=1)


def rules_of_tokens() -> MethodRules:
    """The same without the account: a token has none."""
    rules = rules_of_methods()
    rules.matches_account = False
    return rules


def mismatch_of_person(parsed: x509.Certificate, person: Person, rules: MethodRules) -> str:
    """What of a certificate is not the person's, as the end of a sentence; empty when all that is asked matches."""
    if rules.matches_name and fold(person.full_name) not in fold(common_name(parsed.subject)):
        return f"chứng thư đứng tên “{common_name(parsed.subject)}”, không phải {person.full_name}."
    email = person.user.email if person.user is not None else ""
    named = fold(parsed.subject.rfc4514_string()).split(",")
    if rules.matches_email and not (email and email.lower() in {*_emails(parsed), *named}):
        return "chứng thư không ghi đúng e-mail của người ký."
    return ""


def mismatch_of_unit(parsed: x509.Certificate, unit: Unit) -> str:
    """What of a certificate is not the unit's: its name must stand in the common name or the organisation."""
    organizations = [str(each.value) for each in parsed.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    if any(stands_in(fold(unit.name), name) for name in (common_name(parsed.subject), *organizations)):
        return ""
    return f"chứng thư đứng tên “{common_name(parsed.subject)}”, không phải {unit.name}."


def mismatch_of_seal(parsed: x509.Certificate, unit: Unit) -> str:
    """As `mismatch_of_unit` by the common name alone: a member's own certificate has the unit as its organisation."""
    if stands_in(fold(unit.name), common_name(parsed.subject)):
        return ""
    return f"chứng thư đứng tên “{common_name(parsed.subject)}”, không phải {unit.name}."


def mismatch_of_holder(parsed: x509.Certificate, *, person_id: int | None, unit_id: int | None) -> str:
    """What of a certificate is not its holder's, a person or a unit's seal; empty when it fits."""
    if unit_id is not None:
        return mismatch_of_unit(parsed, organization.get_unit(unit_id))
    return mismatch_of_person(parsed, organization.get_person(person_id or 0), rules_of_methods())


def stands_in(name: str, certified: str) -> bool:
    """Whether a folded name stands in what a certificate says, which may be cut: X.520 allows 64 signs."""
    said = fold(certified)
    return name in said or (len(certified.encode()) >= _CUT_FROM_BYTES and name.startswith(said.rstrip(". …")))


def common_name(name: x509.Name) -> str:
    """Whom a certificate names, in words."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _emails(parsed: x509.Certificate) -> set[str]:
    found = {str(each.value).lower() for each in parsed.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)}
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return found
    return found | {address.lower() for address in names.get_values_for_type(x509.RFC822Name)}
