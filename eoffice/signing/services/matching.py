"""Whether a certificate is its holder's: what it names against whom we know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from eoffice.core.vietnamese import fold
from eoffice.organization import queries as organization
from eoffice.organization.models import Person, Posting, Unit
from eoffice.signing.models import HeldCertificate, MethodRules

_CUT_FROM_BYTES: Final = 58
"""Authorities cut the names of bodies at 64 signs, some at as many bytes, or a little before."""


@dataclass(frozen=True, slots=True)
class HolderFacts:
    """What we know of a holder: name, where listed, and the names of the bodies he may be certified in."""

    name: str
    at_unit: Unit | None
    bodies: tuple[str, ...]
    is_seal: bool


def mismatch_words(*, common: str, body: str, holder: HolderFacts) -> str:
    """What on a certificate (common name, organisation) is not what we know of its holder; empty where all fits.

    A person's name must stand in the common name, a body's in the common name or organisation; accents and case aside.
    The organisation of a person's certificate, where there is one, must be one of the bodies above his posts.
    """
    known = {fold(name) for name in holder.bodies}
    if holder.is_seal:
        fits = any(stands_in(name, common) or stands_in(name, body) for name in known)
        return "" if fits else f"Chứng thư đứng tên “{common}”, không phải {holder.name}."
    words = []
    if fold(holder.name) not in fold(common):
        words.append(f"Chứng thư đứng tên “{common}”, không phải {holder.name}.")
    if body and not any(stands_in(name, body) or fold(body) in name for name in known):
        words.append(f"Tổ chức ghi trên chứng thư là “{body}”, không phải nơi đang công tác.")
    return " ".join(words)


def facts_of(*, person_id: int | None, unit_id: int | None, on: date) -> HolderFacts:
    """The facts of one holder on a day."""
    if unit_id is not None:
        return _seal_facts(organization.get_unit(unit_id))
    person = organization.get_person(person_id or 0)
    posts = organization.posts_by_person([person.pk], on=on)
    return _person_facts(person.full_name, posts.get(person.pk, []), _names_above(posts), _whole_house())


def facts_of_many(rows: Sequence[HeldCertificate], *, on: date) -> dict[int, HolderFacts]:
    """The facts of many holders in a few queries, by the key of the certificate; `person` must be at hand."""
    people = {held.person_id for held in rows if held.person_id is not None}
    posts = organization.posts_by_person(people, on=on)
    names, house = _names_above(posts), _whole_house()
    units = organization.units_by_id({held.unit_id for held in rows if held.unit_id is not None})
    return {
        held.pk: _seal_facts(units[held.unit_id])
        if held.unit_id is not None
        else _person_facts(str(held.person), posts.get(held.person_id or 0, []), names, house)
        for held in rows
    }


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


def _seal_facts(unit: Unit) -> HolderFacts:
    return HolderFacts(unit.name, unit, (unit.name,), is_seal=True)


def _person_facts(name: str, posts: Sequence[Posting], names: Mapping[int, str], house: Sequence[str]) -> HolderFacts:
    above = dict.fromkeys(names[unit_id] for post in posts for unit_id in _ids(post.unit) if unit_id in names)
    return HolderFacts(name, posts[0].unit if posts else None, (*above, *house), is_seal=False)


def _whole_house() -> tuple[str, ...]:
    installation = organization.installation()
    return (installation.name,) if installation is not None else ()


def _names_above(posts: Mapping[int, Sequence[Posting]]) -> dict[int, str]:
    ids = {unit_id for found in posts.values() for post in found for unit_id in _ids(post.unit)}
    return {pk: unit.name for pk, unit in organization.units_by_id(ids).items()}


def _ids(unit: Unit) -> Iterable[int]:
    return (int(part) for part in unit.path.strip("/").split("/") if part)
