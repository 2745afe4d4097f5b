"""Files for a signing program on a person's computer: handed out by a pass, taken back once, held to what went out."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

from django.db import transaction
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core import files
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import ExpectedError, NotFound
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.added_signature import AddedFault
from eoffice.signing.engine.verdicts import Word
from eoffice.signing.engine.verifying import examine_returned, verify_file
from eoffice.signing.errors import FilePassOver, FilePassUnknown, ReturnedFileRefused, SignatureRefused
from eoffice.signing.models import FilePass, SignatureRequest, SignatureRequestPaper, SigningMethod, Stage
from eoffice.signing.providers import vgca
from eoffice.signing.services.answering import FINISH_TASK
from eoffice.signing.services.certificates import require_usable
from eoffice.signing.services.changing_request import close_if_done, end_paper, lock_request
from eoffice.signing.services.keeping import OUR_OPEN_FIELDS, require_sound
from eoffice.signing.services.trust import trust_anchors
from eoffice.signing.states import RequestAction, RequestState

PASS_LASTS: Final = timedelta(minutes=10)
"""Time enough to fetch a file, place a mark and type a PIN; after that the page asks for a new pass."""
MOST_ADDED_BYTES: Final = 16 * 1024 * 1024
"""More than any picture of a signature with its certificates and validation data."""
_CHUNK: Final = 1024 * 1024
_REFUSALS: Final = {
    AddedFault.OTHER_FILE: "tệp gửi về không phải văn bản đã giao để ký",
    AddedFault.UNREADABLE: "không đọc được chữ ký trong tệp gửi về",
    AddedFault.UNSIGNED: "tệp gửi về không có chữ ký mới",
    AddedFault.SEVERAL: "tệp gửi về có nhiều hơn một chữ ký mới",
    AddedFault.OTHER_FIELD: "chương trình không ký vào ô đã đặt sẵn. Báo quản trị: chương trình cần ký vào ô có sẵn",
    AddedFault.OTHER_PERSON: "chữ ký không phải của chứng thư đã đăng ký. Cắm đúng token của mình rồi ký lại",
    AddedFault.CERTIFIED: "chương trình đã khóa cả tệp nên không cấp số, đóng dấu được nữa",
    AddedFault.UNLOCKED: "chữ ký không mang phần khóa đã đặt cho ô ký",
    AddedFault.CHANGED: "tệp gửi về bị sửa thêm ngoài chữ ký",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One paper for the program: its names on both screens, the action, and the token of its two addresses."""

    doc_id: str
    title: str
    call: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errands:
    """What is left of a request: the next paper, if its turn has come, and how many there are with it."""

    state: str
    address: str
    next: Errand | None
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToFetch:
    """A file version that a pass opens."""

    sha256: str
    name: str


def next_errand(*, actor: Actor, request_id: int, now: datetime) -> Errands:
    """The next paper of one's own request, with a new pass; a pass given before for it opens nothing any more.

    Raises NotFound, NotPermitted.
    """
    permissions.require_own_hand(actor)
    with transaction.atomic():
        request, method, address = _own(actor, request_id)
        waiting = list(request.papers.filter(state=RequestState.SENT, value__isnull=True).order_by("position"))
        if not waiting or request.state != RequestState.SENT or request.expires_at <= now:
            return Errands(state=request.state, address=address, next=None, left=0)
        paper, token = waiting[0], secrets.token_urlsafe(32)
        FilePass.objects.update_or_create(
            paper=paper,
            defaults={
                "token_sha256": _digest(token),
                "made_at": now,
                "expires_at": min(now + PASS_LASTS, request.expires_at),
                "spent_at": None,
            },
        )
        errand = Errand(doc_id=paper.doc_id, title=paper.title, call=_call_of(method, paper.stage), token=token)
        return Errands(state=request.state, address=address, next=errand, left=len(waiting))


def upload_form(*, token: str, now: datetime) -> str:
    """How the program wants its upload answered, before any of it is read. Raises FilePassUnknown, FilePassOver."""
    known = _pass_of(token)
    if not known.is_good(now):
        raise FilePassOver
    method = known.paper.request.method
    settings = method.provider.settings if method is not None and method.provider is not None else {}
    return str(settings.get("upload_answer", "true"))


@transaction.atomic
def file_for_program(*, token: str, now: datetime) -> FileToFetch:
    """What a pass opens; each look is written down. Raises FilePassUnknown, FilePassOver."""
    known = _pass_of(token)
    paper = known.paper
    if not known.is_good(now) or paper.state != RequestState.SENT:
        raise FilePassOver
    _record("fetched", paper, now, sha256=paper.source_id)
    return FileToFetch(sha256=paper.source_id, name=f"{paper.doc_id}.pdf")


def take_program_file(*, token: str, upload: IO[bytes], now: datetime) -> str:
    """Take the file a program brings back, once: the prepared one with one new signature by the right certificate.

    Reserve, do, confirm: the pass is spent first, the file is examined in a child outside any transaction, then kept
    with its paper; a job asks about revocation and makes it a version. What is refused is not kept: the audit trail
    has its SHA-256 and the reason, the paper ends as failed and says why. Returns the file's name.
    Raises FilePassUnknown, FilePassOver, ReturnedFileRefused.
    """
    spent = _spend(token, now)
    paper, method = spent.paper, spent.paper.request.method
    if method is None:
        raise FilePassUnknown
    with tempfile.TemporaryDirectory(prefix="eoffice-") as name:
        returned = Path(name) / "returned.pdf"
        digest, size = _write(upload, returned, most=files.path_of(paper.source_id).stat().st_size + MOST_ADDED_BYTES)
        try:
            value = _examined(paper, method, returned, now)
        except ExpectedError as error:
            _refuse(spent, error, digest, size, now)
            raise
        _keep(spent, returned, value, digest, now)
    return f"{paper.doc_id}.pdf"


def note_program_outcome(
    *, actor: Actor, request_id: int, doc_id: str, is_cancelled: bool, words: str, now: datetime
) -> None:
    """The program said that it signed nothing, or that it did: a paper whose file has not come ends here.

    `words` are the program's own. Raises NotFound, NotPermitted.
    """
    permissions.require_own_hand(actor)
    with transaction.atomic():
        request, method, _ = _own(actor, request_id)
        request = lock_request(request.pk)
        paper = request.papers.filter(doc_id=doc_id).first()
        if paper is None:
            raise NotFound
        if paper.state != RequestState.SENT or paper.value is not None:
            return
        name = method.provider.name if method.provider else method.get_kind_display()
        FilePass.objects.filter(paper=paper).delete()
        if is_cancelled:
            said = f"Người ký đã bấm hủy trong {name}. Văn bản này chưa được ký."
            end_paper(paper, RequestAction.REFUSE, now=now, code="signing_refused_on_computer", words=said)
        else:
            said = f"{name} không gửi về tệp đã ký{f' ({words.strip()[:200]})' if words.strip() else ''}. Ký lại."
            end_paper(paper, RequestAction.FAIL, now=now, code="signing_program_failed", words=said)
        close_if_done(request, now=now)


def forget_passes(*, now: datetime) -> int:
    """Drop passes that have been over for a day; returns how many."""
    return FilePass.objects.filter(expires_at__lte=now - timedelta(days=1)).delete()[0]


def _own(actor: Actor, request_id: int) -> tuple[SignatureRequest, SigningMethod, str]:
    rows = SignatureRequest.objects.select_related("method__provider")
    request = rows.filter(pk=request_id, person_id=actor.own_id).first()
    method = request.method if request is not None else None
    if request is None or method is None or method.provider is None or not method.signs_files:
        raise NotFound
    return request, method, method.provider.base_url


def _call_of(method: SigningMethod, stage: str) -> str:
    settings = method.provider.settings if method.provider is not None else {}
    if stage == Stage.SEAL:
        return str(settings.get("call_seal", vgca.SEAL_CALL))
    return str(settings["call_official" if stage == Stage.OFFICIAL else "call_other"])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _pass_of(token: str) -> FilePass:
    rows = FilePass.objects.select_related("paper__request__method__provider")
    known = rows.filter(token_sha256=_digest(token)).first()
    if known is None:
        raise FilePassUnknown
    return known


@transaction.atomic
def _spend(token: str, now: datetime) -> FilePass:
    known = _pass_of(token)
    lock_request(known.paper.request_id)
    known = _pass_of(token)
    if not known.is_good(now) or known.paper.state != RequestState.SENT or known.paper.value is not None:
        raise FilePassOver
    known.spent_at = now
    known.save(update_fields=["spent_at"])
    return known


def _write(upload: IO[bytes], target: Path, *, most: int) -> tuple[str, int]:
    """Write what came, one byte more than allowed at most; its SHA-256 and size."""
    hasher, size = hashlib.sha256(), 0
    with target.open("wb") as output:
        while size <= most and (chunk := upload.read(_CHUNK)):
            hasher.update(chunk)
            output.write(chunk)
            size += len(chunk)
    return hasher.hexdigest(), size


def _examined(paper: SignatureRequestPaper, method: SigningMethod, returned: Path, now: datetime) -> bytes:
    """The raw value of the new signature. Raises ReturnedFileRefused, CertificateUnusable."""
    source, certificate = files.path_of(paper.source_id), bytes(method.certificate)
    if returned.stat().st_size > source.stat().st_size + MOST_ADDED_BYTES:
        raise ReturnedFileRefused("Không nhận tệp: tệp gửi về quá lớn. Văn bản chưa được ký.", "too_large")
    require_usable(certificate, now=now)
    added = examine_returned(source, returned, field=paper.field, certificate=certificate, now=now)
    if added.fault is not None:
        raise ReturnedFileRefused(f"Không nhận tệp: {_REFUSALS[added.fault]}. Văn bản chưa được ký.", added.fault)
    verdict = verify_file(returned, trust_anchors(now=now), now, open_fields=OUR_OPEN_FIELDS)
    own = verdict.of_field(paper.field)
    try:
        require_sound(verdict, paper.field)
    except SignatureRefused as error:
        reason = own.reason if own is not None and own.verdict is Word.INVALID else error.message
        raise ReturnedFileRefused(f"Không nhận tệp: {reason} Văn bản chưa được ký.", "unsound") from error
    if own is not None and own.sub_indication in {"FORMAT_FAILURE", "CRYPTO_CONSTRAINTS_FAILURE"}:
        raise ReturnedFileRefused(f"Không nhận tệp: {own.reason} Văn bản chưa được ký.", "weak")
    return added.value


@transaction.atomic
def _keep(spent: FilePass, returned: Path, value: bytes, digest: str, now: datetime) -> None:
    request, paper = _still_wanted(spent)
    with returned.open("rb") as content:
        content.seek(files.path_of(paper.source_id).stat().st_size)
        paper.tail, paper.value = content.read(), value
    paper.save(update_fields=["tail", "value"])
    _record("taken", paper, now, sha256=digest)
    app.configure_task(FINISH_TASK, queue="signing", allow_unknown=False).defer(request_id=request.pk)


@transaction.atomic
def _refuse(spent: FilePass, error: ExpectedError, digest: str, size: int, now: datetime) -> None:
    request, paper = _still_wanted(spent)
    fault = error.fault if isinstance(error, ReturnedFileRefused) else error.code
    _record("refused", paper, now, sha256=digest, size=size, fault=str(fault))
    end_paper(paper, RequestAction.FAIL, now=now, code=error.code, words=error.message)
    close_if_done(request, now=now)


def _still_wanted(spent: FilePass) -> tuple[SignatureRequest, SignatureRequestPaper]:
    """The paper, locked, unless it ended or another pass was given for it while its file was examined."""
    request = lock_request(spent.paper.request_id)
    paper = SignatureRequestPaper.objects.get(pk=spent.paper_id)
    same = FilePass.objects.filter(pk=spent.pk, token_sha256=spent.token_sha256).exists()
    if not same or paper.state != RequestState.SENT or paper.value is not None:
        raise FilePassOver
    return request, paper


def _record(what: str, paper: SignatureRequestPaper, now: datetime, **detail: str | int) -> None:
    request = paper.request
    audit.record(
        actor=ActorRef(request.person_id, posting_id=request.posting_id, source="api"),
        action=f"signing.program_file.{what}",
        object_kind="signature_request",
        object_id=request.pk,
        now=now,
        detail={"paper": paper.doc_id, **detail},
    )
