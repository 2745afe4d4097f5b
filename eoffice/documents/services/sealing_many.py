"""Đóng dấu for many numbered documents of one registry: one PIN or one confirmation, each document by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from eoffice.core.errors import ExpectedError, Invalid
from eoffice.documents.services import sealing, sealing_elsewhere
from eoffice.organization.actor import Actor
from eoffice.signing import services as signing

MOST_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class SealResult:
    """What became of one document: sealed, or why not."""

    outgoing_id: int
    error: ExpectedError | None = None

    @property
    def is_sealed(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class AskedSeals:
    """The request to follow, if anything had to be asked; `results` tells of documents that it does not hold."""

    request_id: int | None
    results: tuple[SealResult, ...]


def seal_many(*, actor: Actor, unit_id: int, outgoing_ids: Sequence[int], pin: str, now: datetime) -> list[SealResult]:
    """Seal documents of the registry `unit_id`, with their annexes, under a seal opened once by its PIN.

    Each stands or falls alone, as `sealing.seal_outgoing` does; a process killed on the way leaves some sealed and
    the others as they were. Raises Invalid, PinWrong, KeyLocked, NoKey, NotPermitted before the first document.
    """
    chosen = _chosen(outgoing_ids)
    key = signing.unlock_seal(actor=actor, unit_id=unit_id, pin=pin, now=now)
    return [_sealed(actor, key, outgoing_id, now) for outgoing_id in chosen]


def _sealed(actor: Actor, key: signing.OpenKey, outgoing_id: int, now: datetime) -> SealResult:
    try:
        reserved = sealing.reserve_sealing(actor=actor, outgoing_id=outgoing_id, now=now)
        try:
            made = sealing.sign_with(key, actor=actor, outgoing_id=outgoing_id, now=now)
        except ExpectedError:
            sealing.let_go(reserved)
            raise
        sealing.confirm_sealing(actor=actor, sealing=reserved, made=made, now=now)
    except ExpectedError as error:
        return SealResult(outgoing_id, error)
    return SealResult(outgoing_id)


def ask_for_seals(
    *,
    actor: Actor,
    unit_id: int,
    outgoing_ids: Sequence[int],
    method_id: int,
    now: datetime,
    typed: Mapping[str, str] | None = None,
) -> AskedSeals:
    """Ask a key elsewhere for the seal on documents of one registry and their annexes, in one confirmation.

    A request holds `signing.MOST_PAPERS` files; documents that do not fit whole are told so. When the answer comes
    each document is taken by itself. Raises Invalid, NotFound, CertificateUnusable before anything is asked.
    """
    chosen = _chosen(outgoing_ids)
    results: list[SealResult] = []
    begun: list[sealing_elsewhere.BegunSeal] = []
    room = signing.MOST_PAPERS
    for outgoing_id in chosen:
        try:
            each = sealing_elsewhere.begin_asking(
                actor=actor,
                outgoing_id=outgoing_id,
                method_id=method_id,
                again=f"ids={outgoing_id}&box=to_number",
                now=now,
            )
        except ExpectedError as error:
            results.append(SealResult(outgoing_id, error))
            continue
        if not each.missing:
            results.append(SealResult(outgoing_id))
        elif len(each.missing) > room:
            sealing.let_go(each.reserved)
            results.append(SealResult(outgoing_id, Invalid(_NO_ROOM)))
        else:
            room -= len(each.missing)
            begun.append(each)
    if not begun:
        return AskedSeals(None, tuple(results))
    request_id = sealing_elsewhere.ask_together(
        actor=actor, begun=begun, description=_words(begun),
        back=reverse("documents:outgoing_seal_many", args=[unit_id]), typed=typed, now=now,
    )  # fmt: skip
    return AskedSeals(request_id, tuple(results))


_NO_ROOM: Final = (
    f"Chưa gửi: một lần xác nhận tối đa {signing.MOST_PAPERS} tệp, kể cả phụ lục. Ký tiếp văn bản này ở lượt sau."
)


def _chosen(outgoing_ids: Sequence[int]) -> list[int]:
    chosen = list(dict.fromkeys(outgoing_ids))
    if not chosen:
        words = "Chọn ít nhất một văn bản."
        raise Invalid(f"Chưa đóng dấu. {words}", fields={"papers": words})
    if len(chosen) > MOST_AT_ONCE:
        words = f"Một lần đóng dấu tối đa {MOST_AT_ONCE} văn bản. Bỏ bớt rồi ký tiếp."
        raise Invalid(words, fields={"papers": words})
    return chosen


def _words(begun: Sequence[sealing_elsewhere.BegunSeal]) -> str:
    """What the request says here and on the phone."""
    if len(begun) == 1:
        return f"Ký số cơ quan {begun[0].outgoing.shown_code}"
    return f"Ký số cơ quan {len(begun)} văn bản"
