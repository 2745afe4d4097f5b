"""From a person's posts to the lines above his signature, and what is doubtful about a capacity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.core.errors import Invalid
from eoffice.organization.models import Person, Posting, SigningCapacity, SigningForm, Unit
from eoffice.organization.queries.fields_of_work import named_fields
from eoffice.organization.queries.validity import in_force
from eoffice.organization.signing_blocks import DEPUTY_RANK, HEAD_RANK, HeldPost, block_lines, title_with_unit

FORMS_LET_BY_ANOTHER: Final = frozenset({SigningForm.KT, SigningForm.TL, SigningForm.TUQ})
"""Forms in which one signs because somebody else lets him."""


@dataclass(frozen=True, slots=True)
class Block:
    """What will be printed: the lines, and the title written into the signature's record."""

    lines: list[str]
    title: str


def block_for(*, person_id: int, registry: Unit, form: SigningForm, on: date, collective: str = "") -> Block:
    """The block a person would sign under for a registry from a day on; two statements.

    Raises Invalid with the field `person` where no post of his allows the form (NĐ 30/2020/NĐ-CP, Điều 13), and with
    `form` or `collective` where something else is missing.
    """
    posts = list(
        Posting.objects.filter(in_force(on), person_id=person_id, unit__path__startswith=registry.path)
        .select_related("unit", "position")
        .order_by("position__rank", "-is_main", "pk")
    )
    fitting = next((post for post in posts if _fits(form, post, registry)), None)
    if fitting is None:
        raise Invalid(fields={"person": _REFUSALS[form]})
    titles = _head_titles([registry.pk, fitting.unit_id], on=on)
    head_title = titles.get(registry.pk, "")
    if form != SigningForm.OWN and not head_title:
        raise Invalid(
            fields={
                "form": f"{registry.short_name} chưa có người đứng đầu hay thẩm quyền ký trực tiếp để ghi tên chức vụ."
            }
        )
    if form == SigningForm.TM and not collective.strip():
        raise Invalid(fields={"collective": "Chọn hoặc ghi tên tập thể ký thay mặt."})
    held = _held(fitting, registry)
    lines = block_lines(
        form,
        post=held,
        head_title=head_title,
        unit_head_title=titles.get(fitting.unit_id, ""),
        collective=" ".join(collective.split()),
    )
    title = f"Quyền {head_title}" if form == SigningForm.Q else title_with_unit(held)
    return Block(lines, title)


def _fits(form: SigningForm, post: Posting, registry: Unit) -> bool:
    here, rank = post.unit_id == registry.pk, post.position.rank
    if form == SigningForm.OWN:
        return here and rank == HEAD_RANK
    if form == SigningForm.KT:
        return here and rank == DEPUTY_RANK
    if form == SigningForm.TM:
        return here and rank in {HEAD_RANK, DEPUTY_RANK}
    if form == SigningForm.TL:
        return not here and rank in {HEAD_RANK, DEPUTY_RANK}
    if form == SigningForm.TUQ:
        return not here and rank == HEAD_RANK
    return True  # Q.: whoever the decision names


_REFUSALS: Final = {
    SigningForm.OWN: "Chỉ người đứng đầu đơn vị này ký trực tiếp.",
    SigningForm.Q: "Người này chưa có chức danh trong đơn vị này hoặc đơn vị trực thuộc vào ngày bắt đầu.",
    SigningForm.KT: "Chỉ cấp phó của người đứng đầu đơn vị này ký thay.",
    SigningForm.TM: "Chỉ người đứng đầu hoặc cấp phó của đơn vị này ký thay mặt tập thể.",
    SigningForm.TL: "Chỉ người đứng đầu đơn vị trực thuộc (hoặc cấp phó ký thay người ấy) ký thừa lệnh.",
    SigningForm.TUQ: "Chỉ người đứng đầu cơ quan, đơn vị cấp dưới ký thừa ủy quyền.",
}


def _held(post: Posting, registry: Unit) -> HeldPost:
    return HeldPost(
        title=post.position.name,
        rank=post.position.rank,
        unit_name=post.unit.short_name,
        is_of_registry=post.unit_id == registry.pk,
    )


def _head_titles(unit_ids: Sequence[int], *, on: date) -> dict[int, str]:
    """What the head of each unit is called: by who holds the post that day, else by who held it last."""
    rows = Posting.objects.filter(unit_id__in=unit_ids, position__rank=HEAD_RANK, starts_on__lte=on)
    titles: dict[int, str] = {}
    for unit_id, title in rows.order_by("starts_on", "pk").values_list("unit_id", "position__name"):
        titles[unit_id] = title
    return titles


@dataclass(frozen=True, slots=True)
class CapacityLine:
    """One capacity on the page: where it stands in time, and what is doubtful about it."""

    capacity: SigningCapacity
    warnings: tuple[str, ...]
    days_left: int | None
    """Days until it ends, when it ends within thirty."""
    fields: str
    """Names of the fields of work it is bound to; empty is every field."""


@dataclass(frozen=True, slots=True)
class CapacityBook:
    """Thẩm quyền ký of one registry."""

    registry: Unit
    in_force: list[CapacityLine]
    coming: list[CapacityLine]
    ended: list[CapacityLine]


_ENDED_SHOWN: Final = 100
_SOON_DAYS: Final = 30


def capacity_book(registry: Unit, *, on: date) -> CapacityBook:
    """Who signs for a registry, in force, coming and ended (the newest hundred), with warnings.

    Three statements, one more where some are bound to fields of work.
    """
    rows = SigningCapacity.objects.filter(registry=registry).select_related("person", "given_by").order_by("pk")
    live = list(rows.exclude(ends_on__lt=on))
    ended = list(rows.filter(ends_on__lt=on).order_by("-ends_on", "-pk")[:_ENDED_SHOWN])
    posts = _posts_of({each.person_id for each in live}, registry, on=on)
    names = {
        each.pk: each.name for each in named_fields({key for row in [*live, *ended] for key in row.fields_of_work})
    }
    lines = [
        CapacityLine(
            each, tuple(doubts_about(each, live, posts, registry)), _days_left(each, on), _field_words(each, names)
        )
        for each in live
    ]
    return CapacityBook(
        registry=registry,
        in_force=[line for line in lines if line.capacity.starts_on <= on],
        coming=[line for line in lines if line.capacity.starts_on > on],
        ended=[CapacityLine(each, (), None, _field_words(each, names)) for each in ended],
    )


def _field_words(capacity: SigningCapacity, names: Mapping[int, str]) -> str:
    return ", ".join(sorted(names[key] for key in capacity.fields_of_work if key in names))


def _posts_of(person_ids: set[int], registry: Unit, *, on: date) -> dict[int, list[Posting]]:
    found: dict[int, list[Posting]] = {}
    rows = Posting.objects.filter(in_force(on), person_id__in=person_ids, unit__path__startswith=registry.path)
    for post in rows.select_related("unit", "position").order_by("pk"):
        found.setdefault(post.person_id, []).append(post)
    return found


def _days_left(capacity: SigningCapacity, on: date) -> int | None:
    if capacity.ends_on is None:
        return None
    left = (capacity.ends_on - on).days
    return left if 0 <= left <= _SOON_DAYS else None


def doubts_about(
    capacity: SigningCapacity, others: Sequence[SigningCapacity], posts: dict[int, list[Posting]], registry: Unit
) -> list[str]:
    """What a careful clerk would ask about a capacity; none of it stops a signature by itself."""
    form = SigningForm(capacity.form)
    doubts = []
    if not any(_fits(form, post, registry) for post in posts.get(capacity.person_id, [])):
        doubts.append("Người ký hiện không giữ chức danh phù hợp với hình thức ký này.")
    rivals = [each for each in others if each.pk != capacity.pk and overlap(each, capacity)]
    if form in _HEADS and any(
        SigningForm(each.form) in _HEADS for each in rivals if each.person_id != capacity.person_id
    ):
        doubts.append("Cùng lúc có người khác ký với tư cách người đứng đầu.")
    if any(each.person_id == capacity.person_id and each.form == capacity.form for each in rivals):
        doubts.append("Trùng thời gian và nội dung với một thẩm quyền khác của chính người này.")
    if form == SigningForm.TL and not capacity.document_types:
        doubts.append("Thừa lệnh chưa giới hạn loại văn bản theo quy chế.")
    if form == SigningForm.KT and not (capacity.fields_of_work or capacity.content):
        doubts.append("Ký thay chưa ghi lĩnh vực được phân công.")
    if form in FORMS_LET_BY_ANOTHER and capacity.given_by_id is None:
        doubts.append("Chưa ghi người giao ký.")
    return doubts


_HEADS: Final = frozenset({SigningForm.OWN, SigningForm.Q})


def overlap(one: SigningCapacity, other: SigningCapacity) -> bool:
    """Whether two capacities hold on a common day for a common type of document of a common field."""
    days = (one.ends_on is None or other.starts_on <= one.ends_on) and (
        other.ends_on is None or one.starts_on <= other.ends_on
    )
    types = not one.document_types or not other.document_types or bool({*one.document_types} & {*other.document_types})
    fields = not one.fields_of_work or not other.fields_of_work or bool({*one.fields_of_work} & {*other.fields_of_work})
    return days and types and fields


def possible_givers(registry: Unit, *, on: date) -> list[Person]:
    """Who may let others sign for a registry: those who need nobody's leave themselves."""
    rows = SigningCapacity.objects.filter(
        in_force(on), registry=registry, form__in=[SigningForm.OWN, SigningForm.TM, SigningForm.Q]
    )
    return list(Person.objects.filter(pk__in=rows.values("person_id")).order_by("sort_key", "pk"))


def possible_signers(registry: Unit, *, on: date, limit: int = 300) -> list[Posting]:
    """Heads and deputies of the registry and of the units below it, who can be written down as signers."""
    rows = Posting.objects.filter(
        in_force(on), unit__path__startswith=registry.path, position__rank__lte=DEPUTY_RANK
    ).select_related("person", "unit", "position")
    return list(rows.order_by("unit__path", "position__rank", "person__sort_key", "pk")[:limit])


def registries() -> list[Unit]:
    """Every unit with a seal of its own, in the order of the tree."""
    return list(Unit.objects.filter(has_registry=True, closed_on__isnull=True).order_by("path", "pk"))


@dataclass(frozen=True, slots=True)
class BlockPreview:
    """What would be printed, or what is missing; `signer` stands below the place of the signature."""

    lines: list[str]
    signer: str
    fault: str


def preview_block(
    *, registry: Unit, person_id: int | None, form: str, on: date | None, collective: str
) -> BlockPreview:
    """The block for a form filled in so far; a fault in words instead of an error."""
    if person_id is None or form not in SigningForm.values or on is None:
        return BlockPreview([], "", "Chọn người ký, hình thức và ngày bắt đầu để xem thể thức đề ký.")
    person = Person.objects.filter(pk=person_id).first()
    try:
        block = block_for(person_id=person_id, registry=registry, form=SigningForm(form), on=on, collective=collective)
    except Invalid as error:
        return BlockPreview([], "", " ".join(error.fields.values()))
    return BlockPreview(block.lines, person.full_name if person else "", "")
