"""Thể thức đề ký: the lines above a signature, made from form, posts and units (NĐ 30/2020/NĐ-CP, Điều 13 and PL I)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eoffice.organization.models import SigningForm

HEAD_RANK: Final = 0
DEPUTY_RANK: Final = 1
COLLECTIVES: Final = (
    "Hội đồng thành viên",
    "Hội đồng quản trị",
    "Hội đồng quản lý",
    "Ủy ban nhân dân",
    "Ban Thường vụ",
    "Ban Chấp hành",
    "Ban Giám đốc",
)
"""Bodies that decide together, for TM.; a body of another name is written in full by the keeper of capacities."""


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post as a block needs it: what it is called, its rank, and the unit by its short name."""

    title: str
    rank: int
    unit_name: str
    is_of_registry: bool
    """Held in the registry itself, not in a unit below it."""


def block_lines(
    form: SigningForm, *, post: HeldPost, head_title: str, unit_head_title: str = "", collective: str = ""
) -> list[str]:
    """The printed lines, in capitals, from top to bottom.

    `head_title` is the title of the registry's head; `unit_head_title` that of the head of the signer's own unit,
    for a deputy who signs TL. in that head's stead; `collective` the body of TM.
    """
    head, own = head_title.upper(), title_with_unit(post).upper()
    lines = {
        SigningForm.OWN: [own],
        SigningForm.Q: [f"Q. {head}"],
        SigningForm.KT: [f"KT. {head}", own],
        SigningForm.TL: [f"TL. {head}", *_of_unit(post, unit_head_title, own)],
        SigningForm.TUQ: [f"TUQ. {head}", own],
        SigningForm.TM: [f"TM. {collective.upper()}", *_of_collective(post, head, own)],
    }
    return lines[form]


def _of_unit(post: HeldPost, unit_head_title: str, own: str) -> list[str]:
    if post.rank != DEPUTY_RANK or not unit_head_title:
        return [own]
    joined = HeldPost(unit_head_title, HEAD_RANK, post.unit_name, is_of_registry=False)
    return [f"KT. {title_with_unit(joined).upper()}", own]


def _of_collective(post: HeldPost, head: str, own: str) -> list[str]:
    return [f"KT. {head}", own] if post.rank == DEPUTY_RANK else [own]


def title_with_unit(post: HeldPost) -> str:
    """`Trưởng ban` of `Ban Công nghệ` is `Trưởng Ban Công nghệ`; the head of the registry stays `Tổng Giám đốc`.

    Words that end the title and begin the unit's name are said once; a title that names its unit already stays.
    """
    if post.is_of_registry:
        return post.title
    title, unit = post.title.split(), post.unit_name.split()
    for length in range(min(len(title), len(unit)), 0, -1):
        if [word.casefold() for word in title[-length:]] == [word.casefold() for word in unit[:length]]:
            return " ".join([*title[:-length], *unit])
    return f"{post.title} {post.unit_name}"
