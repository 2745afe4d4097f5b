"""What a person has been told, and how by mail; each reads only his own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eoffice.accounts import queries as accounts
from eoffice.core.channels import numbers
from eoffice.core.paging import Page, newest_first
from eoffice.notifications.models import MailChoice, MailRules, MailSchedule, Notification, SmsChoice, SmsRules
from eoffice.notifications.sms_kinds import SmsKind
from eoffice.notifications.topics import TOPICS
from eoffice.organization.actor import Actor

COUNT_LIMIT: Final = 100
_IN_BELL: Final = 8
_PAGE_SIZE: Final = 30


def unread_count(actor: Actor) -> int:
    """How many of the actor's notifications are unread, counted to 100 at most (shown as "99+")."""
    return Notification.objects.filter(person_id=actor.person_id, read_at__isnull=True)[:COUNT_LIMIT].count()


def newest(actor: Actor) -> list[Notification]:
    """The actor's eight newest notifications, for the bell."""
    return list(Notification.objects.filter(person_id=actor.person_id).order_by("-pk")[:_IN_BELL])


def page(actor: Actor, *, after: int | None = None) -> Page[Notification]:
    """Thirty of the actor's notifications, newest first, below the key `after`."""
    return newest_first(Notification.objects.filter(person_id=actor.person_id), after=after, size=_PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class MailPage:
    """How a person gets mail: modes by topic, his hours, the rules of the installation behind both."""

    modes: dict[str, str]
    schedule: MailSchedule
    rules: MailRules


def mail_rules() -> MailRules:
    """The rules in force; off where nothing was set."""
    return MailRules.objects.filter(pk=1).first() or MailRules(pk=1)


def default_modes(rules: MailRules) -> dict[str, str]:
    """The mode of each topic for who chose nothing."""
    return {topic.code: str(rules.defaults.get(topic.code, topic.default_mode)) for topic in TOPICS}


@dataclass(frozen=True, slots=True)
class SmsPage:
    """How a person gets notices by SMS. `number` is masked, empty without a confirmed phone."""

    kinds: list[str]
    number: str
    is_on: bool


def sms_page(actor: Actor) -> SmsPage:
    """What the actor's page says of SMS. Three statements."""
    number = accounts.confirmed_numbers([actor.user_id]).get(actor.user_id, "")
    chosen = SmsChoice.objects.filter(person_id=actor.person_id).order_by("kind").values_list("kind", flat=True)
    return SmsPage(list(chosen), numbers.masked(number) if number else "", sms_rules().is_on)


def who_wants_sms(kind: SmsKind) -> set[int]:
    """Persons who chose notices of a kind; nobody while they are off for the installation."""
    chosen = SmsChoice.objects.filter(kind=kind).values_list("person_id", flat=True)
    return set(chosen) if sms_rules().is_on else set()


def sms_rules() -> SmsRules:
    """The rules in force; off where nothing was set."""
    return SmsRules.objects.filter(pk=1).first() or SmsRules(pk=1)


def mail_page(actor: Actor) -> MailPage:
    """What the actor's page of mail shows."""
    rules = mail_rules()
    chosen = dict(MailChoice.objects.filter(person_id=actor.person_id).values_list("topic", "mode"))
    schedule = MailSchedule.objects.filter(pk=actor.person_id).first() or MailSchedule(pk=actor.person_id)
    return MailPage(default_modes(rules) | chosen, schedule, rules)
