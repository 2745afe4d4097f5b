"""What can go wrong with units, posts and rights."""

from __future__ import annotations

from collections.abc import Sequence

from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotPermitted


class NoPosting(ExpectedError):
    """The account has no person or no post today, so it can do nothing here."""

    code = "no_posting"
    status = 403
    default_message = "Tài khoản chưa được gán chức danh đang có hiệu lực. Liên hệ quản trị đơn vị."


class AdministratorOnly(NotPermitted):
    code = "administrator_only"
    default_message = "Chỉ quản trị hệ thống làm được việc này."


class AlreadyInstalled(Conflict):
    code = "already_installed"
    default_message = "Cơ sở dữ liệu này đã được khởi tạo."


class NoRegistryAbove(Conflict):
    code = "no_registry"
    default_message = "Đơn vị chưa có văn thư nào phía trên để cấp số và đóng dấu. Quản trị cần đặt đơn vị có con dấu."


class OwnList(NotPermitted):
    """Who took a list in that changes roles does not confirm it himself."""

    code = "own_list"
    default_message = (
        "Danh sách này đổi vai trò nên người khác phải xác nhận: nhờ một quản trị thứ hai của đơn vị gốc mở lần"
        " nhập này. Chưa có gì được ghi."
    )


class PowersNeeded(NotPermitted):
    """An administrator's special power, outside a timed session."""

    code = "powers_needed"
    default_message = "Việc này cần bật quyền quản trị: ghi lý do, nhập lại mật khẩu. Dữ liệu chưa thay đổi."


class ProofNeeded(Invalid):
    """An administrator without a password here has not proved himself again just now."""

    code = "proof_needed"
    default_message = "Xác thực lại trước khi bật quyền quản trị. Quyền quản trị chưa được bật."


class PowersWrongPassword(Invalid):
    code = "wrong_password"
    default_message = "Mật khẩu chưa đúng. Quyền quản trị chưa được bật."


class PowersRefused(ExpectedError):
    code = "powers_refused"
    status = 429
    default_message = "Mật khẩu đã sai nhiều lần. Quyền quản trị chưa được bật; thử lại sau 15 phút."


class RightChangeDecided(Conflict):
    code = "right_change_decided"
    default_message = "Đề nghị này đã được quyết định hoặc đã rút. Tải lại trang để xem kết quả."


class RightChangeWaiting(Conflict):
    code = "right_change_waiting"
    default_message = "Đã có một đề nghị như vậy đang chờ xác nhận. Mở mục “Chờ xác nhận” để xem."


class OwnProposal(NotPermitted):
    code = "own_proposal"
    default_message = (
        "Đề nghị thay đổi quyền phải do người khác xác nhận, không phải người đề nghị hay người được thay đổi quyền."
    )


class ListUnreadable(Invalid):
    """A file that cannot be read as a list of units or people."""

    code = "list_unreadable"


class ImportNotReady(Conflict):
    """The run is not in the state this step needs: applied already, left, or with faults."""

    code = "import_not_ready"
    default_message = "Lần nhập này không ở trạng thái làm được việc đó. Tải lại trang để xem kết quả."


class TooManyEndings(Conflict):
    """The list would end more people than the safety limit allows."""

    code = "too_many_endings"


class SourceUnreachable(ExpectedError):
    """The directory did not answer, refused us, or answered something else than the protocol."""

    code = "source_unreachable"
    status = 502


class UnitTreeCycle(Conflict):
    """A unit cannot stand below itself."""

    code = "unit_tree_cycle"
    default_message = "Không chuyển được: đơn vị đích nằm trong chính đơn vị này. Cây đơn vị chưa thay đổi."


class DelegationOver(Conflict):
    """The delegation chosen has ended, was ended early, or its giver left."""

    code = "delegation_over"
    default_message = (
        "Ủy quyền đang dùng đã hết hiệu lực nên chưa ghi gì. Nội dung đã nhập vẫn giữ trong trình duyệt. "
        "Mở lại trang để làm việc với tư cách của mình."
    )


class PostNeeded(Conflict):
    """Somebody works in all his posts, and several of them may do this: he says under which it is done."""

    code = "post_needed"
    default_message = "Việc này làm được ở nhiều chức danh. Chọn chức danh ghi nhận việc này. Dữ liệu chưa thay đổi."

    def __init__(self, choices: Sequence[tuple[int, str]]) -> None:
        super().__init__(choices=list(choices))
        self.choices = tuple(choices)


class OtherPost(NotPermitted):
    """The work waits under a post other than the one chosen."""

    code = "other_post"

    def __init__(self, posts: str) -> None:
        super().__init__(
            f"Việc này thuộc chức danh khác: {posts}. Dữ liệu chưa thay đổi. "
            "Chuyển sang chức danh đó hoặc chọn “Tất cả chức danh” ở ô tên phía trên bên trái rồi làm lại."
        )
