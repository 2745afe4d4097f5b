"""Reads: marks, reports, who signed which file; keys, ways of signing and requests in files of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from eoffice.core.errors import NotFound
from eoffice.core.geometry import Box
from eoffice.core.paging import Page, newest_first
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.signing import permissions
from eoffice.signing.engine.marks import POINTS_PER_MM, SEAL_DIAMETER_MM, image_mark, name_mark
from eoffice.signing.engine.marks import seal_mark as draw_seal
from eoffice.signing.engine.reporting import TechnicalReport
from eoffice.signing.engine.verdicts import Verdict, Word
from eoffice.signing.errors import ReportMissing
from eoffice.signing.models import (
    CompletionRecord,
    FillingRecord,
    ImageRules,
    LastingFile,
    MarkImage,
    MarkImageState,
    RevocationAnswer,
    RevocationRules,
    Risk,
    SignatureRecord,
    TimeStampAuthority,
    TrustAnchor,
    VerificationReport,
)
from eoffice.signing.queries.keys import (
    CertificateView,
    KeyPage,
    certificate_view,
    key_of_person,
    key_of_unit,
    key_page,
    keys_naming,
    keys_to_confirm,
    own_authority,
    waiting_key_of,
)
from eoffice.signing.queries.methods import (
    MethodChoice,
    choices_of,
    choices_of_seal,
    get_method,
    get_provider,
    get_seal_method,
    methods_of,
    methods_of_seal,
    providers,
)
from eoffice.signing.queries.requests import (
    RequestPage,
    open_papers,
    request_of_paper,
    request_page,
    requests_of,
    signed_paper,
    signed_papers,
)
from eoffice.signing.services.matching import rules_of_methods as method_rules

__all__ = [
    "CertificateView",
    "KeyPage",
    "MethodChoice",
    "RequestPage",
    "certificate_view",
    "choices_of",
    "choices_of_seal",
    "get_method",
    "get_provider",
    "get_seal_method",
    "key_of_person",
    "key_of_unit",
    "key_page",
    "keys_naming",
    "keys_to_confirm",
    "method_rules",
    "methods_of",
    "methods_of_seal",
    "open_papers",
    "own_authority",
    "providers",
    "request_of_paper",
    "request_page",
    "requests_of",
    "signed_paper",
    "signed_papers",
    "waiting_key_of",
]
"""What pages of this and other rooms read of keys, ways and requests; everything below is theirs too."""

_STEPS: Final = 50


def person_mark(*, person_id: int, name: str, box: Box) -> bytes:
    """A person's mark as a one-page PDF for `box`: the picture in use, else strokes drawn from the name."""
    image = MarkImage.objects.filter(person_id=person_id, state=MarkImageState.IN_USE).first()
    if image is None:
        return name_mark(name, width=box.width, height=box.height)
    return image_mark(bytes(image.png), width=box.width, height=box.height)


def seal_mark(*, unit_id: int, organization: str, superior: str = "", box: Box | None = None) -> bytes:
    """A unit's seal of real size as a one-page PDF: the confirmed picture, else one drawn from the names.

    In a `box` made for another size the picture keeps its own, in the middle, unless the box is too small for it.
    """
    image = _seal_image(unit_id)
    if image is None or image.diameter_mm is None:
        return draw_seal(organization, superior=superior)
    diameter_mm = float(image.diameter_mm)
    side = diameter_mm * POINTS_PER_MM
    width, height = (box.width, box.height) if box else (side, side)
    return image_mark(bytes(image.png), width=width, height=height, most_mm=diameter_mm)


def seal_diameter_mm(unit_id: int) -> float:
    """How wide a unit's seal is on the page."""
    image = _seal_image(unit_id)
    return float(image.diameter_mm) if image and image.diameter_mm else float(SEAL_DIAMETER_MM)


def images_of_person(person_id: int) -> list[MarkImage]:
    """The versions of a person's picture, newest first, twenty at most."""
    return list(MarkImage.objects.filter(person_id=person_id).select_related("decided_by").order_by("-number")[:20])


def images_of_unit(unit_id: int) -> list[MarkImage]:
    """The versions of a seal's picture, newest first, twenty at most."""
    rows = MarkImage.objects.filter(unit_id=unit_id).select_related("uploaded_by", "decided_by")
    return list(rows.order_by("-number")[:20])


def get_mark_image(actor: Actor, image_id: int) -> MarkImage:
    """One version. Raises NotFound for whom it does not concern."""
    image = MarkImage.objects.filter(pk=image_id).first()
    if image is None or not permissions.can_see_mark_image(actor, image):
        raise NotFound
    return image


def images_to_decide(actor: Actor) -> list[MarkImage]:
    """Pictures that wait and that the actor may decide on, oldest first, a hundred at most."""
    rows = MarkImage.objects.filter(state=MarkImageState.WAITING).exclude(uploaded_by_id=actor.person_id)
    if not permissions.can_manage_images(actor):
        rows = rows.filter(unit_id__in=actor.units_with(Role.CHIEF_OF_OFFICE, Role.LEADER))
    return list(rows.select_related("person", "unit", "uploaded_by").order_by("pk")[:100])


def image_rules() -> ImageRules:
    """The rules of pictures in force; those of a new installation where nothing was set."""
    return ImageRules.objects.filter(pk=1).first() or ImageRules(pk=1)


def _seal_image(unit_id: int) -> MarkImage | None:
    return MarkImage.objects.filter(unit_id=unit_id, state=MarkImageState.IN_USE).first()


def time_stamp_authorities() -> list[TimeStampAuthority]:
    """Every time-stamping authority, on or off, in the order they are asked."""
    return list(TimeStampAuthority.objects.order_by("position", "pk"))


def get_time_stamp_authority(authority_id: int) -> TimeStampAuthority:
    """One time-stamping authority. Raises NotFound."""
    row = TimeStampAuthority.objects.filter(pk=authority_id).first()
    if row is None:
        raise NotFound
    return row


def report_of(sha256: str) -> VerificationReport:
    """The newest check of a stored file. Raises ReportMissing."""
    report = VerificationReport.objects.filter(pk=sha256).first()
    if report is None:
        raise ReportMissing
    return report


def technical_report(report: VerificationReport, *, file_name: str) -> TechnicalReport:
    """A kept check with its evidence, ready to show, print and export."""
    return TechnicalReport(
        file_name=file_name,
        file_sha256=report.pk,
        verdict=Verdict.from_record(report.record),
        checked_at=report.checked_at,
        engine=report.engine,
        trust_state=report.trust_state,
        evidence=tuple(report.evidence),
        unreachable=report.unreachable,
    )


def verdict_of(sha256: str) -> Verdict | None:
    """What the newest check said; None when the file was not checked yet."""
    report = VerificationReport.objects.filter(pk=sha256).first()
    return Verdict.from_record(report.record) if report else None


def checked_at(sha256: str) -> datetime | None:
    return VerificationReport.objects.filter(pk=sha256).values_list("checked_at", flat=True).first()


def signatures_of(sha256: str) -> list[SignatureRecord]:
    """The signatures made here that lead to a file, newest first, following the files back (at most 50 steps)."""
    found: list[SignatureRecord] = []
    current: str | None = sha256
    for _ in range(_STEPS):
        if current is None:
            break
        record = SignatureRecord.objects.select_related("person", "unit").filter(file_after_id=current).first()
        if record is None:
            current = _file_before(current)
        else:
            found.append(record)
            current = record.file_before_id
    return found


def _file_before(sha256: str) -> str | None:
    """The file that was filled, or completed, to become this one."""
    for kind in (FillingRecord, CompletionRecord):
        before = kind.objects.filter(file_after_id=sha256).values_list("file_before_id", flat=True).first()
        if before is not None:
            return before
    return None


def newest_of(sha256: str) -> str:
    """The newest completion of a signed file; the file itself where nothing was added."""
    newest = LastingFile.objects.filter(file_id=sha256).values_list("newest_id", flat=True).first()
    return newest or sha256


def newest_verdict_of(sha256: str) -> Verdict | None:
    """What the newest check of a file's newest completion said; None when it was not checked yet."""
    newest = LastingFile.objects.filter(file_id=sha256).values("newest_id")[:1]
    report = VerificationReport.objects.filter(pk=Coalesce(Subquery(newest), Value(sha256))).first()
    return Verdict.from_record(report.record) if report else None


def lacking_words(sha256: str) -> str:
    """What an outage cost a file that was just signed, and that it is made good; empty where nothing is missing."""
    words = []
    if LastingFile.objects.filter(file_id=sha256, risk=Risk.NO_TIME_STAMP, due_at__isnull=False).exists():
        words.append("Chưa lấy được dấu thời gian; hệ thống tự bổ sung trong hôm nay.")
    if VerificationReport.objects.filter(pk=sha256, verdict=Word.INDETERMINATE.value).exists():
        words.append("Chưa hỏi được trạng thái chứng thư; hệ thống tự kiểm tra lại, văn thư đóng dấu khi có kết quả.")
    return " ".join(words)


def originals_of(sha256: str) -> list[str]:
    """The signed files that a file completes, itself first: whoever compares a shown file asks for all of them."""
    found = [sha256]
    for _ in range(_STEPS):
        before = (
            CompletionRecord.objects.filter(file_after_id=found[-1]).values_list("file_before_id", flat=True).first()
        )
        if before is None:
            break
        found.append(before)
    return found


def risks_page(actor: Actor, *, risk: str, after: int | None) -> Page[LastingFile]:
    """Signed files at risk that an actor looks after, newest first; `risk` narrows to one reason."""
    rows = _at_risk(actor).select_related("unit")
    return newest_first(rows.filter(risk=risk) if risk else rows, after=after)


def risk_counts(actor: Actor) -> dict[str, int]:
    """How many files stand at each risk."""
    counted = _at_risk(actor).order_by().values_list("risk").annotate(count=Count("pk"))
    return dict(counted)


def _at_risk(actor: Actor) -> QuerySet[LastingFile]:
    rows = LastingFile.objects.filter(superseded_at__isnull=True).exclude(risk="")
    return rows.filter(permissions.lasting_visible_to(actor))


def records_of_person(person_id: int) -> QuerySet[SignatureRecord]:
    """What a person signed, newest first."""
    return SignatureRecord.objects.filter(person_id=person_id, unit__isnull=True).order_by("-pk")


@dataclass(frozen=True, slots=True)
class AnchorLine:
    """One line of the trust list, with what its certificate says."""

    anchor: TrustAnchor
    subject: str
    issuer: str
    starts_at: datetime
    ends_at: datetime
    key: str

    @property
    def shown_fingerprint(self) -> str:
        """In groups of eight, as publishers print it."""
        text = self.anchor.fingerprint.upper()
        return " ".join(text[start : start + 8] for start in range(0, len(text), 8))


@dataclass(frozen=True, slots=True)
class TrustPage:
    """What the page of the trust list shows: lines in force by purpose, withdrawn ones, and what was asked lately."""

    in_force: list[AnchorLine]
    withdrawn: list[AnchorLine]
    answers: list[RevocationAnswer]
    rules: RevocationRules


def trust_page(actor: Actor) -> TrustPage:
    """The trust list, 500 lines at most. Raises NotFound for all but administrators."""
    if not permissions.can_manage_trust(actor):
        raise NotFound
    rows = TrustAnchor.objects.select_related("added_by", "withdrawn_by").order_by("purpose", "is_intermediate", "pk")
    lines = [_anchor_line(row) for row in rows[:500]]
    answers = RevocationAnswer.objects.defer("content").order_by("-failed_at", "-fetched_at", "pk")
    return TrustPage(
        [line for line in lines if line.anchor.withdrawn_at is None],
        [line for line in lines if line.anchor.withdrawn_at is not None],
        list(answers[:20]),
        RevocationRules.objects.filter(pk=1).first() or RevocationRules(pk=1),
    )


def anchor_certificate(actor: Actor, anchor_id: int) -> TrustAnchor:
    """One line of the list. Raises NotFound."""
    anchor = TrustAnchor.objects.filter(pk=anchor_id).first()
    if anchor is None or not permissions.can_manage_trust(actor):
        raise NotFound
    return anchor


def _anchor_line(anchor: TrustAnchor) -> AnchorLine:
    certificate = x509.load_der_x509_certificate(bytes(anchor.certificate))
    key = certificate.public_key()
    words = "khác"
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        words = f"{'RSA' if isinstance(key, rsa.RSAPublicKey) else 'ECDSA'} {key.key_size} bit"
    return AnchorLine(
        anchor,
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        words,
    )
