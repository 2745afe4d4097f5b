"""What can be expected to go wrong with flows."""

from __future__ import annotations

from eoffice.core.errors import Conflict, Invalid, NotFound, NotPermitted


class FlowNotFound(NotFound):
    code = "flow_not_found"
    default_message = "Không tìm thấy quy trình. Đường dẫn sai, hoặc quy trình đã được thay bằng bản mới."


class StepNotFound(NotFound):
    code = "flow_step_not_found"
    default_message = "Không tìm thấy bước duyệt này."


class StepsInvalid(Invalid):
    """The steps of a flow contradict each other."""

    code = "flow_steps_invalid"
    default_message = "Các bước của quy trình chưa hợp lệ. Chưa có gì được lưu."


class NobodyToAsk(Conflict):
    """A required step has no one to ask; `details["step"]` names it."""

    code = "flow_nobody_to_ask"
    default_message = "Chưa trình được: có bước chưa tìm thấy người duyệt. Quản trị cần phân công người trước."


class NotYourStep(NotPermitted):
    code = "flow_not_your_step"
    default_message = "Bước này đang chờ người khác; chỉ người được giao duyệt mới thực hiện được."


class FlowChanged(Conflict):
    """The step was decided meanwhile, or belongs to an earlier round."""

    code = "flow_changed"
    default_message = (
        "Bước này đã được thực hiện, hoặc dự thảo đã sang lần trình khác. Tải lại trang để xem trạng thái mới."
    )
