"""What can go wrong with units, posts and rights."""

from __future__ import annotations

from eoffice.core.errors import Conflict, ExpectedError, NotPermitted


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
