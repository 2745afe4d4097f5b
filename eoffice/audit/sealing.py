"""The chain over the audit trail: how entries are hashed, sealed in blocks and proved.

An entry is hashed as canonical JSON (sorted keys, no blanks, UTF-8) under SHA-256 with the prefix 0x00; two hashes
join with the prefix 0x01; a hash without a partner moves up unchanged (RFC 6962, 2.1, without its odd split). A block's
root hashes its number, time, count, Merkle root and the root of the block before, so that no block can be changed,
moved or dropped from the middle without breaking all that follow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection, transaction

from eoffice.audit.models import AuditBlock, AuditEntry, AuditSealed

BATCH_SIZE: Final = 5000
_BLOCKS_AT_ONCE: Final = 1000
_SEALING_LOCK: Final = 0x65_4F_41_55  # one number for all sealers of a database
_FINISHED_AFTER_S: Final = 60


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What a check of the whole chain found. `whole` is the answer; the rest says where to look."""

    whole: bool
    blocks: int
    sealed: int
    """Entries proved by the chain."""
    tail: int
    """Entries not sealed yet; proved by the next run of the sealing job."""
    head: str
    """Root of the newest block: note it elsewhere to prove later that nothing was cut off."""
    broken_block: int | None = None
    broken_entry: int | None = None
    reason: str = ""
    """Vietnamese; empty when whole."""


def entry_hash(entry: AuditEntry) -> bytes:
    fields = {
        "id": entry.pk,
        "at": _instant(entry.at),
        "person_id": entry.person_id,
        "posting_id": entry.posting_id,
        "on_behalf_of_id": entry.on_behalf_of_id,
        "source": entry.source,
        "action": entry.action,
        "object_kind": entry.object_kind,
        "object_id": entry.object_id,
        "detail": entry.detail,
        "address": entry.address,
    }
    return hashlib.sha256(b"\x00" + _canonical(fields)).digest()


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Root of a non-empty list of hashes, lower-case hex."""
    level = list(leaves)
    while len(level) > 1:
        joined = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = joined + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex()


def block_root(*, number: int, merkle: str, previous_root: str, count: int, sealed_at: datetime) -> str:
    fields = {
        "number": number,
        "merkle_root": merkle,
        "previous_root": previous_root,
        "count": count,
        "sealed_at": _instant(sealed_at),
    }
    return hashlib.sha256(_canonical(fields)).hexdigest()


def seal_committed(*, now: datetime) -> int:
    sealed = 0
    while batch := _seal_batch(now):
        sealed += batch
        if batch < BATCH_SIZE:
            break
    return sealed


@transaction.atomic
def _seal_batch(now: datetime) -> int:
    if not _take_sealing_lock():
        return 0
    horizon = _horizon()
    previous = AuditBlock.objects.order_by("-number").first()
    entries = _unsealed_after(previous.settled_entry_id if previous else 0)
    if entries:
        block = _append_block(entries, previous, horizon, now)
        AuditSealed.objects.bulk_create(
            [AuditSealed(entry_id=entry.pk, block=block, position=i) for i, entry in enumerate(entries)]
        )
    return len(entries)


def _take_sealing_lock() -> bool:
    # An advisory lock, because the serving role may not lock rows of the audit tables.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALING_LOCK])
        return bool(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class _Horizon:
    """Of one and the same snapshot: newest entry visible, and the bounds of running transactions."""

    newest_entry_id: int
    xmax: int
    xmin: int


def _horizon() -> _Horizon:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT max(id) FROM audit_entry), 0),"
            " pg_snapshot_xmax(s)::text::bigint, pg_snapshot_xmin(s)::text::bigint FROM pg_current_snapshot() s"
        )
        return _Horizon(*cursor.fetchone())


def _unsealed_after(floor: int) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(pk__gt=floor, sealed=None).order_by("pk")[:BATCH_SIZE])


def _append_block(
    entries: Sequence[AuditEntry], previous: AuditBlock | None, horizon: _Horizon, now: datetime
) -> AuditBlock:
    number = previous.number + 1 if previous else 1
    previous_root = previous.root if previous else ""
    merkle = merkle_root([entry_hash(entry) for entry in entries])
    return AuditBlock.objects.create(
        number=number,
        merkle_root=merkle,
        previous_root=previous_root,
        root=block_root(number=number, merkle=merkle, previous_root=previous_root, count=len(entries), sealed_at=now),
        count=len(entries),
        sealed_at=now,
        newest_entry_id=horizon.newest_entry_id,
        snapshot_xmax=horizon.xmax,
        settled_entry_id=_settled(entries, previous, horizon, now),
    )


def _settled(entries: Sequence[AuditEntry], previous: AuditBlock | None, horizon: _Horizon, now: datetime) -> int:
    """Up to this id every entry is sealed by now or will never exist; the next search starts behind it.

    An id drawn before an earlier block was made belongs to a transaction that has ended once `xmin` has passed that
    block's `xmax`, so the present search, which reaches back behind it, has found what it committed. The minute on
    top covers the instant between drawing an id and receiving a transaction number. A full batch proves nothing about
    what lies behind it. After a restore into a new cluster transaction numbers start again: then no older block
    qualifies for a while and the floor merely stays where it is.
    """
    floor = previous.settled_entry_id if previous else 0
    if len(entries) == BATCH_SIZE:
        return floor
    ended = (
        AuditBlock.objects.filter(
            snapshot_xmax__lte=horizon.xmin, sealed_at__lt=now - timedelta(seconds=_FINISHED_AFTER_S)
        )
        .order_by("-number")
        .values_list("newest_entry_id", flat=True)
        .first()
    )
    return max(floor, ended or 0)


def verify_chain(*, expected_root: str | None) -> AuditVerdict:
    previous_root, blocks, sealed = "", 0, 0
    expected_seen = expected_root is None
    for block, entries in _blocks_with_entries():
        fault = _fault_of(block, entries, number=blocks + 1, previous_root=previous_root)
        if fault is not None:
            reason, entry_id = fault
            return AuditVerdict(
                whole=False,
                blocks=blocks,
                sealed=sealed,
                tail=_tail(),
                head=previous_root,
                broken_block=block.number,
                broken_entry=entry_id,
                reason=reason,
            )
        previous_root, blocks, sealed = block.root, blocks + 1, sealed + block.count
        expected_seen = expected_seen or block.root == expected_root
    reason = "" if expected_seen else "Chuỗi không chứa mã khối đã ghi nhận trước đây: phần cuối nhật ký đã bị cắt."
    return AuditVerdict(
        whole=expected_seen, blocks=blocks, sealed=sealed, tail=_tail(), head=previous_root, reason=reason
    )


def _fault_of(
    block: AuditBlock, entries: Sequence[tuple[int, AuditEntry]], *, number: int, previous_root: str
) -> tuple[str, int | None] | None:
    """Why this block does not prove its entries, with the entry at fault where one can be named."""
    if block.number != number:
        return f"Thiếu khối số {number}.", None
    if block.previous_root != previous_root:
        return "Mã của khối trước không khớp.", None
    root = block_root(
        number=block.number,
        merkle=block.merkle_root,
        previous_root=block.previous_root,
        count=block.count,
        sealed_at=block.sealed_at,
    )
    if root != block.root:
        return "Thông tin của khối đã bị sửa.", None
    leaves: list[bytes] = []
    for position, entry in entries:
        if position != len(leaves):
            return f"Thiếu dòng ở vị trí {len(leaves)} của khối.", None
        leaves.append(entry_hash(entry))
    if len(leaves) != block.count:
        return f"Khối có {block.count} dòng nhưng chỉ còn {len(leaves)} dòng.", None
    if merkle_root(leaves) != block.merkle_root:
        return "Nội dung của ít nhất một dòng trong khối đã bị sửa.", None
    return None


def _blocks_with_entries() -> Iterator[tuple[AuditBlock, list[tuple[int, AuditEntry]]]]:
    """Every block with its entries in order; many small blocks, as a quiet house seals them, share one query."""
    for blocks in _batches(AuditBlock.objects.order_by("number").iterator()):
        entries: dict[int, list[tuple[int, AuditEntry]]] = {block.pk: [] for block in blocks}
        places = AuditSealed.objects.filter(block__in=entries).select_related("entry").order_by("block_id", "position")
        for place in places.iterator():
            entries[place.block_id].append((place.position, place.entry))
        yield from ((block, entries[block.pk]) for block in blocks)


def _batches(blocks: Iterator[AuditBlock]) -> Iterator[list[AuditBlock]]:
    """Blocks together as long as they hold about `BATCH_SIZE` entries, and at most `_BLOCKS_AT_ONCE`."""
    batch: list[AuditBlock] = []
    held = 0
    for block in blocks:
        batch.append(block)
        held += block.count
        if held >= BATCH_SIZE or len(batch) >= _BLOCKS_AT_ONCE:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _tail() -> int:
    return AuditEntry.objects.filter(sealed=None).count()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _canonical(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
