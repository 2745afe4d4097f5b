"""Who acts: the person, the post chosen, the roles held today. Passed to every service; nothing is ambient."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from eoffice.core.actor_ref import ActorRef
from eoffice.core.deeds import Deed
from eoffice.organization.models import Role

_READING_ROLES = frozenset({str(Role.AUDITOR), str(Role.HELPDESK)})


@dataclass(frozen=True, slots=True)
class PostSummary:
    """One posting: what the person box shows, and which roles and registry go with it (ADR 0036)."""

    posting_id: int
    unit_id: int
    unit_name: str
    position_name: str
    rank: int
    unit_short_name: str = ""
    registry_id: int | None = None
    """Who numbers and seals for its unit."""
    roles: frozenset[tuple[str, int]] = frozenset()

    @property
    def words(self) -> str:
        """`Trưởng ban, Ban Công nghệ`: how a row says under which post it waits."""
        return f"{self.position_name}, {self.unit_short_name or self.unit_name}"


@dataclass(frozen=True, slots=True)
class Mandated:
    """A mandate in force today: which registries an auditor reads, for documents of which days (both included)."""

    mandate_id: int
    registry_ids: frozenset[int]
    principals: tuple[int, ...]
    """The role of auditor in each of these registries."""
    documents_from: date | None
    documents_to: date | None

    def covers(self, registry_id: int, day: date) -> bool:
        return (
            registry_id in self.registry_ids
            and (self.documents_from is None or self.documents_from <= day)
            and (self.documents_to is None or day <= self.documents_to)
        )


@dataclass(frozen=True, slots=True)
class Served:
    """A leader for whom the actor prepares today, as his secretary."""

    leader_id: int
    leader_name: str


_DEED_WORDS: Final = {Deed.READ: "xem", Deed.DIRECT: "chỉ đạo", Deed.PREPARE: "soạn dự thảo"}


@dataclass(frozen=True, slots=True)
class Delegated:
    """The delegation in use: in whose name, what, within which scope, until when (last day of Vietnam)."""

    delegation_id: int
    giver_id: int
    giver_name: str
    ends_on: date
    deeds: frozenset[Deed]
    registry_id: int | None = None
    """Only documents of this registry; None is all."""
    document_types: frozenset[str] = frozenset()
    """Only documents of these types; empty is all."""
    fields_of_work: tuple[tuple[int, str], ...] = ()
    """Only documents of these fields of work (key and name); empty is all, and one without a field is in none."""

    @property
    def is_scoped(self) -> bool:
        return self.registry_id is not None or bool(self.document_types) or bool(self.fields_of_work)

    @property
    def field_ids(self) -> frozenset[int]:
        return frozenset(key for key, _ in self.fields_of_work)

    @property
    def field_words(self) -> str:
        """`Công nghệ thông tin, Đầu tư - xây dựng`; empty where no field binds it."""
        return ", ".join(name for _, name in self.fields_of_work)

    def covers(self, *, registry_id: int, document_type: str, field_of_work_id: int | None) -> bool:
        """Whether one document lies within the scope: the same rule as in SQL, for one not yet stored."""
        return (
            self.registry_id in {None, registry_id}
            and (not self.document_types or document_type in self.document_types)
            and (not self.fields_of_work or field_of_work_id in self.field_ids)
        )

    @property
    def deed_words(self) -> str:
        """`xem, chỉ đạo`: what may be done, in the order of `Deed`."""
        return ", ".join(_DEED_WORDS[deed] for deed in Deed if deed in self.deeds)


@dataclass(frozen=True, slots=True)
class Actor:
    """Everything a rule needs to know about who acts; built once per request by `queries.actor_of`.

    `roles` holds (role, unit id) pairs in force today. `principals` are the ids of `Principal` rows that
    this person answers to: itself, its units and those above them, its roles but that of auditor, which shows
    documents only within `mandates`. `powers_until` is set while an administrator's special powers are on.

    A person with several posts works in one of them or in all (`in_all_posts`). In one, `roles` and `unit_ids` are
    those of that post and `elsewhere` names the registries whose work waits under another; sight is always the whole
    person's. In all, whoever writes settles first under which post it is done (`working_as`).

    With a `delegation` in use, `person_id` is still who sits there; roles, units and principals are those of the
    giver that the delegation lets through, and rules compare people with `rights_of_id`.
    """

    person_id: int
    user_id: int
    name: str
    posting_id: int | None
    unit_id: int | None
    unit_name: str
    position_name: str
    posts: tuple[PostSummary, ...]
    roles: frozenset[tuple[str, int]]
    unit_ids: frozenset[int]
    principals: tuple[int, ...]
    registry_id: int | None
    on_behalf_of_id: int | None = None
    source: str = "web"
    initials: str = field(default="")
    mandates: tuple[Mandated, ...] = ()
    powers_id: int | None = None
    powers_until: datetime | None = None
    delegation: Delegated | None = None
    serves: tuple[Served, ...] = ()
    in_all_posts: bool = False
    """Several posts at once, and nobody has said yet under which of them the present command is done."""
    elsewhere: frozenset[int] = frozenset()
    """Registries that only posts other than the one chosen belong to."""

    def working_as(self, posting_id: int) -> Actor:
        """The same person and rights, with what is done recorded under one of the posts."""
        post = next(post for post in self.posts if post.posting_id == posting_id)
        return replace(
            self,
            posting_id=post.posting_id,
            unit_id=post.unit_id,
            unit_name=post.unit_name,
            position_name=post.position_name,
            registry_id=post.registry_id,
            in_all_posts=False,
        )

    def posts_with(self, unit_id: int, *roles: Role) -> tuple[PostSummary, ...]:
        """The posts that bring one of `roles` in exactly this unit, the main one first."""
        wanted = {(str(role), unit_id) for role in roles}
        return tuple(post for post in self.posts if wanted & post.roles)

    @property
    def leader_ids(self) -> frozenset[int]:
        """Whom the actor serves as secretary."""
        return frozenset(each.leader_id for each in self.serves)

    @property
    def rights_of_id(self) -> int:
        """The person whose rights count: the giver of the delegation in use, else the person himself."""
        return self.person_id if self.on_behalf_of_id is None else self.on_behalf_of_id

    @property
    def own_id(self) -> int:
        """The person where only he himself may act (reviewing, signing); 0, who is nobody, under a delegation."""
        return self.person_id if self.on_behalf_of_id is None else 0

    @property
    def is_himself(self) -> bool:
        """No delegation is in use."""
        return self.on_behalf_of_id is None

    @property
    def shown_name(self) -> str:
        """The name others read beside what was done, with the words of the delegation."""
        if self.delegation is None:
            return self.name
        return f"{self.name}, xử lý theo ủy quyền của {self.delegation.giver_name}"

    def may_act(self, deed: Deed) -> bool:
        """Whether the delegation in use covers `deed`; without one everybody acts in his own right."""
        if self.on_behalf_of_id is None:
            return True
        return self.delegation is not None and deed in self.delegation.deeds

    def has_role(self, role: Role, unit_id: int) -> bool:
        """Hold `role` in exactly this unit."""
        return (str(role), unit_id) in self.roles

    def has_any_role(self, unit_id: int, *roles: Role) -> bool:
        return any((str(role), unit_id) in self.roles for role in roles)

    def units_with(self, *roles: Role) -> frozenset[int]:
        """Units in which the actor holds one of `roles`."""
        wanted = {str(role) for role in roles}
        return frozenset(unit_id for role, unit_id in self.roles if role in wanted)

    def plays(self, *roles: Role) -> bool:
        return bool(self.units_with(*roles))

    def audits(self, registry_id: int) -> bool:
        """Have a mandate for the registry, whatever its period of documents."""
        return any(registry_id in mandate.registry_ids for mandate in self.mandates)

    @property
    def has_powers(self) -> bool:
        """The special powers of an administrator are switched on (ADR 0023)."""
        return self.powers_id is not None

    @property
    def only_reads(self) -> bool:
        """An auditor without another role: sees what his mandate shows and leaves no mark on it."""
        return self.plays(Role.AUDITOR) and all(role in _READING_ROLES for role, _ in self.roles)

    @property
    def ref(self) -> ActorRef:
        deeds = frozenset(str(deed) for deed in self.delegation.deeds) if self.delegation else frozenset[str]()
        return ActorRef(self.person_id, self.posting_id, self.on_behalf_of_id, self.source, deeds)
