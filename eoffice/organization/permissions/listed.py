"""The rules of this room with their words, for the matrix of role and action."""

from __future__ import annotations

from typing import Final

from eoffice.organization.models import (
    Reorganisation,
    ReorganisationState,
    RightChange,
    RightChangeKind,
    RightChangeState,
)
from eoffice.organization.permissions import changes, fields_of_work, importing, reorganising, secretaries
from eoffice.organization.right_rules import NOBODY, RightRule, sample_unit


def _change(state: RightChangeState = RightChangeState.WAITING) -> RightChange:
    return RightChange(
        kind=RightChangeKind.SIGHT_GIVEN,
        state=state,
        unit=sample_unit(),
        proposed_by_id=NOBODY,
        person_id=NOBODY,
    )


def _waiting() -> Reorganisation:
    return Reorganisation(state=ReorganisationState.WAITING, unit=sample_unit(), prepared_by_id=NOBODY)


_POWERS: Final = "quản trị: khi bật quyền quản trị"
RULES: Final = (
    RightRule("can_switch_powers_on", "Bật quyền quản trị", changes.can_switch_powers_on, "có lý do, có mật khẩu"),
    RightRule(
        "can_keep_rights",
        "Đề nghị giao, thôi giao vai trò và phạm vi kiểm tra",
        lambda actor: changes.can_keep_rights(actor, sample_unit()),
        f"ở đơn vị mình giữ vai trò và các đơn vị trực thuộc; {_POWERS}",
    ),
    RightRule(
        "can_see_change",
        "Xem đề nghị thay đổi quyền",
        lambda actor: changes.can_see_change(actor, _change()),
        "người đề nghị, người được thay đổi quyền",
    ),
    RightRule(
        "can_confirm",
        "Xác nhận, không xác nhận thay đổi quyền",
        lambda actor: changes.can_confirm(actor, _change()),
        f"không phải người đề nghị, không phải người được thay đổi; {_POWERS}",
    ),
    RightRule(
        "can_withdraw",
        "Rút đề nghị thay đổi quyền",
        lambda actor: changes.can_withdraw(actor, _change()),
        "chỉ người đề nghị",
    ),
    RightRule(
        "can_end_sight",
        "Đề nghị thu hồi quyền xem đã cấp",
        lambda actor: changes.can_end_sight(actor, _change(RightChangeState.CONFIRMED)),
        "người đã đề nghị cấp",
    ),
    RightRule(
        "can_keep_capacities",
        "Ghi, sửa, kết thúc thẩm quyền ký",
        lambda actor: changes.can_keep_capacities(actor, sample_unit()),
        _POWERS,
    ),
    RightRule(
        "can_read_capacities",
        "Xem thẩm quyền ký",
        lambda actor: changes.can_read_capacities(actor, sample_unit()),
        "mọi người có chức danh",
    ),
    RightRule("can_keep_fields", "Giữ danh mục lĩnh vực", None, "quản trị của đơn vị gốc"),
    RightRule("can_see_fields", "Xem danh mục lĩnh vực", fields_of_work.can_see_fields),
    RightRule("can_import", "Nhập đơn vị, người từ danh sách", None, "quản trị của đơn vị gốc"),
    RightRule(
        "can_keep_unit",
        "Thêm, sửa, chuyển, đóng đơn vị; thêm, sửa người",
        lambda actor: importing.can_keep_unit(actor, sample_unit()),
        "ở đơn vị mình giữ vai trò và các đơn vị trực thuộc",
    ),
    RightRule(
        "can_keep_person", "Sửa thông tin, tài khoản của người", None, "quản trị đơn vị nơi người ấy có chức danh"
    ),
    RightRule(
        "can_prepare_for",
        "Lập sắp xếp tổ chức",
        lambda actor: reorganising.can_prepare_for(actor, [sample_unit()]),
        "trong đơn vị mình giữ vai trò và các đơn vị trực thuộc",
    ),
    RightRule(
        "can_confirm",
        "Xác nhận, trả lại sắp xếp tổ chức",
        lambda actor: reorganising.can_confirm(actor, _waiting()),
        f"không phải người lập; {_POWERS}",
    ),
    RightRule(
        "can_withdraw",
        "Rút sắp xếp tổ chức trước ngày hiệu lực",
        lambda actor: reorganising.can_withdraw(actor, _waiting()),
        "người lập",
    ),
    RightRule("can_delegate", "Ủy quyền xử lý", None, "lãnh đạo, trưởng đơn vị, với quyền của chính mình"),
    RightRule("can_name_own", "Chọn thư ký của mình", secretaries.can_name_own),
    RightRule("can_propose", "Đề nghị phân công thư ký cho lãnh đạo", secretaries.can_propose, _POWERS),
    RightRule("can_end", "Kết thúc ủy quyền xử lý, phân công thư ký", None, "người ủy quyền và người được ủy quyền"),
    RightRule("can_oversee", "Xem mọi ủy quyền xử lý", None, "quản trị"),
)
