"""Who may handle which key. Who may sign which paper is the business of `documents` (SigningCapacity)."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from eoffice.core.errors import NotFound, NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.organization.right_rules import HERE, RightRule
from eoffice.signing.models import CertificateRequest, MarkImage

_KEEPS_PAPERS: Final = (Role.CLERK, Role.ARCHIVIST)
_POWERS: Final = "quản trị: khi bật quyền quản trị"
_NEED_CERTIFICATES: Final = (Role.UNIT_HEAD, Role.CHIEF_OF_OFFICE, Role.LEADER)


def can_keep_seal(actor: Actor, unit_id: int) -> bool:
    """Set and change the PIN of a unit's seal: its clerk, in person (Decree 30/2020/ND-CP, Art. 32-33)."""
    return actor.on_behalf_of_id is None and actor.has_any_role(unit_id, Role.CLERK)


def can_revoke(actor: Actor, *, person_id: int | None, unit_id: int | None) -> bool:
    """Revoke a certificate: its owner, the seal's clerk, or an administrator."""
    if actor.plays(Role.ADMINISTRATOR):
        return True
    if unit_id is not None:
        return can_keep_seal(actor, unit_id)
    return person_id == actor.person_id and actor.on_behalf_of_id is None


def can_manage_trust(actor: Actor) -> bool:
    """Add and withdraw trust anchors."""
    return actor.plays(Role.ADMINISTRATOR)


def can_manage_time_stamps(actor: Actor) -> bool:
    """Keep the time-stamping authorities and the rules of levels."""
    return actor.plays(Role.ADMINISTRATOR)


def require_time_stamps_managed(actor: Actor) -> None:
    """Raise NotPermitted for all but administrators."""
    if not can_manage_time_stamps(actor):
        raise NotPermitted


def require_trust_managed(actor: Actor) -> None:
    """Raise NotPermitted for all but administrators."""
    if not can_manage_trust(actor):
        raise NotPermitted


def can_manage_providers(actor: Actor) -> bool:
    """Connect remote signing services, and say what of a certificate must match its person."""
    return actor.plays(Role.ADMINISTRATOR)


def can_confirm_keys(actor: Actor) -> bool:
    """Say that a certificate with another name is its holder's; never on what one brought oneself (`key_files`)."""
    return actor.plays(Role.ADMINISTRATOR)


def can_found_authority(actor: Actor) -> bool:
    """Let this installation certify keys for use inside the office, in person."""
    return actor.plays(Role.ADMINISTRATOR) and actor.on_behalf_of_id is None


def can_see_risks(actor: Actor) -> bool:
    """Look at the board of signatures at risk: who answers for the papers of a registry, and administrators."""
    return can_see_all_risks(actor) or actor.plays(*_KEEPS_PAPERS)


def can_see_all_risks(actor: Actor) -> bool:
    """See signatures at risk of every registry."""
    return actor.plays(Role.ADMINISTRATOR)


def lasting_visible_to(actor: Actor) -> Q:
    """The signed files whose lasting an actor looks after, in SQL."""
    if can_see_all_risks(actor):
        return Q()
    return Q(unit_id__in=actor.units_with(*_KEEPS_PAPERS))


def require_risks_seen(actor: Actor) -> None:
    """Raise NotPermitted for whom the board does not concern."""
    if not can_see_risks(actor):
        raise NotPermitted


def can_decide_seal_images(actor: Actor, unit_id: int) -> bool:
    """Confirm a new picture of a unit's seal: its chief of office or leader, or an administrator, in person."""
    if actor.on_behalf_of_id is not None:
        return False
    return actor.plays(Role.ADMINISTRATOR) or actor.has_any_role(unit_id, Role.CHIEF_OF_OFFICE, Role.LEADER)


def decides_as_administrator(actor: Actor, image: MarkImage) -> bool:
    """Whether a decision on a picture rests on the administrator's role alone."""
    answers = image.unit_id is not None and actor.has_any_role(image.unit_id, Role.CHIEF_OF_OFFICE, Role.LEADER)
    return can_manage_images(actor) and not answers


def can_decide_images(actor: Actor) -> bool:
    """Have a say on pictures at all: those of a seal one answers for, or as an administrator."""
    return can_manage_images(actor) or actor.plays(Role.CHIEF_OF_OFFICE, Role.LEADER)


def can_manage_images(actor: Actor) -> bool:
    """Set the rules of pictures and confirm those of handwritten signatures."""
    return actor.plays(Role.ADMINISTRATOR)


def can_see_mark_image(actor: Actor, image: MarkImage) -> bool:
    """Look at a picture: its owner, the seal's clerk, and who may decide on it."""
    if image.unit_id is not None:
        return can_keep_seal(actor, image.unit_id) or can_decide_seal_images(actor, image.unit_id)
    return image.person_id == actor.person_id or can_manage_images(actor)


def require_deciding(actor: Actor, image: MarkImage) -> None:
    """Raise NotPermitted where the actor may not decide, and always on what he put up himself."""
    if image.uploaded_by_id == actor.person_id:
        raise NotPermitted("Người tải ảnh lên không tự xác nhận. Người có thẩm quyền khác xác nhận ảnh này.")
    allowed = can_manage_images(actor) if image.unit_id is None else can_decide_seal_images(actor, image.unit_id)
    if not allowed:
        raise NotPermitted


def require_images_managed(actor: Actor) -> None:
    """Raise NotPermitted for all but administrators."""
    if not can_manage_images(actor):
        raise NotPermitted


def can_answer_for_seal(actor: Actor, unit_id: int) -> bool:
    """Name the first keeper of a seal, and confirm a hand-over for a keeper who cannot any more, in person."""
    if actor.on_behalf_of_id is not None:
        return False
    return actor.plays(Role.ADMINISTRATOR) or actor.has_any_role(unit_id, Role.CHIEF_OF_OFFICE, Role.LEADER)


def can_see_seal(actor: Actor, unit_id: int) -> bool:
    """Look at who keeps a unit's seal, and draw up the minutes of a hand-over."""
    return can_keep_seal(actor, unit_id) or can_answer_for_seal(actor, unit_id)


def require_seal_seen(actor: Actor, unit_id: int) -> None:
    """Raise NotFound for whom the seal of this unit does not concern."""
    if not can_see_seal(actor, unit_id):
        raise NotFound


def can_manage_certificates(actor: Actor) -> bool:
    """See who holds which certificate, and send requests to the issuer."""
    return actor.plays(Role.ADMINISTRATOR)


def require_certificates_managed(actor: Actor) -> None:
    """Raise NotPermitted for all but administrators."""
    if not can_manage_certificates(actor):
        raise NotPermitted


def can_confirm_certificates(actor: Actor) -> bool:
    """Confirm requests for certificates of some people at all: heads of their unit, and administrators."""
    return can_manage_certificates(actor) or actor.plays(*_NEED_CERTIFICATES)


def can_decide_certificate_request(actor: Actor, row: CertificateRequest) -> bool:
    """Confirm one request, in person; that nobody confirms his own is asked beside this."""
    if actor.on_behalf_of_id is not None:
        return False
    return can_manage_certificates(actor) or actor.has_any_role(row.at_unit_id, *_NEED_CERTIFICATES)


def can_see_certificate_request(actor: Actor, row: CertificateRequest) -> bool:
    """Look at a request: who asked, and who may decide."""
    return row.person_id == actor.own_id or can_decide_certificate_request(actor, row)


def certificate_requests_visible_to(actor: Actor) -> Q:
    """The requests an actor may decide on, in SQL."""
    if can_manage_certificates(actor):
        return Q()
    return Q(at_unit_id__in=actor.units_with(*_NEED_CERTIFICATES))


def require_own_hand(actor: Actor) -> None:
    """Raise NotPermitted for who acts for another: a delegation never covers signing."""
    if actor.on_behalf_of_id is not None:
        raise NotPermitted("Xử lý theo ủy quyền không bao gồm ký số.")


RULES: Final = (
    RightRule(
        "can_keep_seal",
        "Đặt, đổi mã PIN con dấu",
        lambda actor: can_keep_seal(actor, HERE),
        "chính văn thư, không qua ủy quyền",
    ),
    RightRule(
        "can_revoke",
        "Thu hồi chứng thư của con dấu",
        lambda actor: can_revoke(actor, person_id=None, unit_id=HERE),
        "chủ chữ ký với chữ ký của mình",
    ),
    RightRule(
        "can_decide_seal_images",
        "Xác nhận ảnh con dấu",
        lambda actor: can_decide_seal_images(actor, HERE),
        f"không phải người đã tải ảnh lên; {_POWERS}",
    ),
    RightRule("can_manage_images", "Xác nhận ảnh chữ ký, đặt quy định về ảnh", can_manage_images, _POWERS),
    RightRule(
        "can_decide_images", "Duyệt ảnh con dấu, chữ ký", None, "người xác nhận ảnh con dấu của đơn vị, quản trị"
    ),
    RightRule("can_see_mark_image", "Xem ảnh con dấu, chữ ký", None, "chủ ảnh, văn thư giữ con dấu, người duyệt"),
    RightRule("can_manage_providers", "Kết nối dịch vụ ký số từ xa", can_manage_providers, _POWERS),
    RightRule(
        "can_confirm_keys",
        "Xác nhận chứng thư khác tên",
        can_confirm_keys,
        f"không phải người đã tải chứng thư lên; {_POWERS}",
    ),
    RightRule("can_found_authority", "Lập nơi cấp chứng thư nội bộ", can_found_authority, _POWERS),
    RightRule("can_see_risks", "Xem, thử lại chữ ký có nguy cơ của đơn vị", can_see_risks),
    RightRule("can_see_all_risks", "Xem chữ ký có nguy cơ của mọi đơn vị", can_see_all_risks),
    RightRule(
        "can_manage_time_stamps",
        "Khai báo dịch vụ cấp dấu thời gian, lưu trữ lâu dài",
        can_manage_time_stamps,
        _POWERS,
    ),
    RightRule("can_manage_certificates", "Xem chứng thư số của mọi người, gửi nơi cấp", can_manage_certificates),
    RightRule(
        "can_confirm_certificates",
        "Xác nhận đề nghị cấp chứng thư của đơn vị",
        can_confirm_certificates,
        "không phải chính người đề nghị",
    ),
    RightRule(
        "can_decide_certificate_request", "Quyết định một đề nghị chứng thư", None, "thủ trưởng đơn vị, quản trị"
    ),
    RightRule("can_see_certificate_request", "Xem đề nghị cấp chứng thư", None, "người đề nghị, người xác nhận"),
    RightRule(
        "can_answer_for_seal",
        "Cử người giữ con dấu, xác nhận bàn giao thay",
        lambda actor: can_answer_for_seal(actor, HERE),
        "không qua ủy quyền",
    ),
    RightRule(
        "can_see_seal",
        "Xem người giữ con dấu, lập biên bản bàn giao",
        lambda actor: can_see_seal(actor, HERE),
        "hai bên của biên bản",
    ),
    RightRule("can_manage_trust", "Thêm, bỏ nơi cấp chứng thư tin cậy", can_manage_trust, _POWERS),
)
"""For the matrix of role and action."""
