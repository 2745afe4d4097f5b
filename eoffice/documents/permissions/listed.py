"""The rules of this room with their words, for the matrix of role and action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from eoffice.documents.models import Assignment, AssignmentRole, Draft, IncomingDocument, OutgoingDocument
from eoffice.documents.permissions import assignments, check_codes, copies, drafts, incoming, outgoing, registers, rules
from eoffice.documents.states import DraftState
from eoffice.organization.actor import Actor
from eoffice.organization.right_rules import HERE, NOBODY, RightRule, sample_unit


def _letter() -> IncomingDocument:
    return IncomingDocument(registry_id=HERE)


def _sent() -> OutgoingDocument:
    return OutgoingDocument(registry_id=HERE)


def _draft(state: DraftState = DraftState.DRAFT) -> Draft:
    return Draft(registry_id=HERE, unit_id=HERE, author_id=NOBODY, state=state)


def _line(role: AssignmentRole = AssignmentRole.LEAD) -> Assignment:
    return Assignment(unit_id=HERE, role=role, incoming=_letter())


def _of_letter(rule: Callable[[Actor, IncomingDocument], bool]) -> Callable[[Actor], bool]:
    return lambda actor: rule(actor, _letter())


def _of_sent(rule: Callable[[Actor, OutgoingDocument], bool]) -> Callable[[Actor], bool]:
    return lambda actor: rule(actor, _sent())


_BY_ACCESS: Final = "theo quyền xem của từng văn bản (xem “Ai xem được, vì sao”)"
_NAMED_LEADER: Final = "lãnh đạo được trình đích danh"
INCOMING: Final = (
    RightRule("can_view", "Xem văn bản đến", None, _BY_ACCESS),
    RightRule("can_receive", "Tiếp nhận văn bản đến", lambda actor: incoming.can_receive(actor, HERE)),
    RightRule("can_register", "Đăng ký văn bản đến", _of_letter(incoming.can_register)),
    RightRule("can_refuse", "Trả lại nơi gửi", _of_letter(incoming.can_refuse)),
    RightRule("can_correct", "Sửa dòng sổ văn bản đến", _of_letter(incoming.can_correct)),
    RightRule("can_set_field", "Ghi lĩnh vực cho văn bản nhận nội bộ", _of_letter(incoming.can_set_field)),
    RightRule("can_cancel", "Hủy đăng ký văn bản đến", _of_letter(incoming.can_cancel)),
    RightRule("can_forward", "Trình, chuyển văn bản đến", _of_letter(incoming.can_forward)),
    RightRule("can_distribute", "Phân phối không qua lãnh đạo", _of_letter(incoming.can_distribute)),
    RightRule("can_direct", "Bút phê, chỉ đạo", _of_letter(incoming.can_direct), _NAMED_LEADER),
    RightRule(
        "can_prepare", "Dự kiến bút phê, xếp thứ tự văn bản chờ lãnh đạo", None, "thư ký của lãnh đạo được trình"
    ),
    RightRule("can_return", "Trả lại văn thư", _of_letter(incoming.can_return), _NAMED_LEADER),
    RightRule(
        "can_take_back", "Hoàn tác bút phê", lambda actor: incoming.can_take_back(actor, NOBODY), "người đã bút phê"
    ),
    RightRule(
        "can_add_recipients",
        "Thêm nơi nhận vào bút phê",
        lambda actor: incoming.can_add_recipients(actor, _letter(), None),
        "người đã bút phê",
    ),
    RightRule("can_link", "Ghi văn bản liên quan", _of_letter(incoming.can_link), "mọi người xem được văn bản"),
    RightRule(
        "can_reopen",
        "Mở lại văn bản đến",
        lambda actor: incoming.can_reopen(actor, _letter(), NOBODY),
        "người đã bút phê",
    ),
    RightRule(
        "can_see_access",
        "Xem ai được xem văn bản đến, cấp quyền xem",
        _of_letter(incoming.can_see_access),
        "người khác thấy lý do của mình",
    ),
)
OUTGOING: Final = (
    RightRule("can_view", "Xem văn bản đi", None, _BY_ACCESS),
    RightRule("can_number", "Cấp số", lambda actor: outgoing.can_number(actor, _draft())),
    RightRule(
        "can_return_for_form",
        "Trả lại bản đã ký vì sai thể thức",
        lambda actor: outgoing.can_return_for_form(actor, _draft()),
    ),
    RightRule("can_seal", "Đóng dấu, ký số cơ quan", _of_sent(outgoing.can_seal), "mở bằng mã PIN của con dấu"),
    RightRule("can_issue", "Phát hành, gửi lại, hủy số", _of_sent(outgoing.can_issue)),
    RightRule("can_set_field", "Ghi lĩnh vực sau khi cấp số", _of_sent(outgoing.can_set_field)),
    RightRule("can_recall", "Thu hồi, thay thế, đính chính", _of_sent(outgoing.can_recall)),
    RightRule("can_confirm_recall", "Xác nhận đã thu hồi", _of_letter(outgoing.can_confirm_recall)),
    RightRule(
        "can_see_access",
        "Xem ai được xem văn bản đi, cấp quyền xem",
        _of_sent(outgoing.can_see_access),
        "người khác thấy lý do của mình",
    ),
)
DRAFTS: Final = (
    RightRule("can_see", "Xem dự thảo", None, _BY_ACCESS),
    RightRule(
        "can_draft_for",
        "Soạn thảo thay mặt đơn vị",
        lambda actor: drafts.can_draft_for(actor, HERE),
        "mọi người có chức danh trong đơn vị",
    ),
    RightRule("can_edit", "Sửa dự thảo", lambda actor: drafts.can_edit(actor, _draft()), "người soạn thảo"),
    RightRule("can_submit", "Trình duyệt dự thảo", None, "người soạn thảo, không qua ủy quyền"),
    RightRule(
        "can_withdraw",
        "Rút dự thảo đang duyệt",
        lambda actor: drafts.can_withdraw(actor, _draft(DraftState.IN_REVIEW)),
        "chỉ người soạn thảo",
    ),
    RightRule("can_abandon", "Bỏ dự thảo", lambda actor: drafts.can_abandon(actor, _draft()), "chỉ người soạn thảo"),
    RightRule(
        "can_see_access",
        "Xem ai được xem dự thảo",
        lambda actor: drafts.can_see_access(actor, _draft()),
        "người soạn thảo",
    ),
)
ASSIGNMENTS: Final = (
    RightRule(
        "can_accept",
        "Tiếp nhận việc giao cho đơn vị",
        lambda actor: assignments.can_accept(actor, _line()),
        "người được giao đích danh",
    ),
    RightRule(
        "can_note_read",
        "Kết thúc việc nhận để biết",
        lambda actor: assignments.can_note_read(actor, _line(AssignmentRole.INFORMED)),
        "người được giao đích danh",
    ),
    RightRule("can_be_reminded", "Đôn đốc một việc", None, "người đã giao, khi việc còn mở"),
    RightRule(
        "can_answer",
        "Trả lời xin ý kiến gửi đơn vị",
        lambda actor: assignments.can_answer(actor, person_id=None, unit_id=HERE),
        "người được hỏi đích danh",
    ),
    RightRule(
        "can_set_confirmation",
        "Đặt cách xác nhận kết quả",
        lambda actor: assignments.can_set_confirmation(actor, HERE),
    ),
)
REGISTERS: Final = (
    RightRule(
        "can_manage_registers",
        "Mở sổ, khóa sổ, giữ số",
        lambda actor: registers.can_manage_registers(actor, sample_unit()),
    ),
    RightRule(
        "can_read_register",
        "Đọc, in sổ đăng ký",
        lambda actor: registers.can_read_register(actor, sample_unit()),
        "kiểm tra: trong phạm vi được giao",
    ),
    RightRule("can_copy", "Sao văn bản giấy, ký số bản sao", lambda actor: copies.can_copy(actor, HERE)),
    RightRule("can_view_copies", "Xem bản sao điện tử của đơn vị", copies.can_view_copies),
    RightRule("can_keep_rules", "Giữ quy tắc phân phối", lambda actor: rules.can_keep_rules(actor, HERE)),
    RightRule(
        "can_set_mark_place",
        "Đặt vị trí mã kiểm tra",
        lambda actor: check_codes.can_set_mark_place(actor, HERE),
    ),
)
RULES: Final = {
    "Văn bản đến": INCOMING,
    "Việc được giao": ASSIGNMENTS,
    "Dự thảo": DRAFTS,
    "Văn bản đi": OUTGOING,
    "Sổ, quy tắc": REGISTERS,
}
