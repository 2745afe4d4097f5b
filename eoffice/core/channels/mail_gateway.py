"""Mail through an SMTP server."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from html import escape
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from eoffice.core.channels.errors import NotAccepted
from eoffice.core.channels.transport import SEND_TIMEOUT_S, Accepted, Content
from eoffice.core.errors import Invalid
from eoffice.core.network_words import why_unreachable
from eoffice.core.vietnamese import tidy

SECURITIES: Final = {
    "starttls": "STARTTLS (cổng 587)",
    "tls": "TLS ngay từ đầu (cổng 465)",
    "none": "Không mã hóa (chỉ trong mạng máy chủ)",
}
_HIGHEST_PORT: Final = 65535
_PAGE: Final = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """A mail server and whose name stands on our mail. Certificates are checked against the system's authorities."""

    host: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    sender: str = ""
    sender_name: str = "eOffice"

    def check(self) -> None:
        """Raise Invalid with every fault by field."""
        faults = {}
        if not self.host or any(letter.isspace() or letter == "/" for letter in self.host):
            faults["host"] = "Nhập tên máy chủ thư, ví dụ smtp.donvi.vn."
        if not 0 < self.port <= _HIGHEST_PORT:
            faults["port"] = "Cổng là số từ 1 đến 65535."
        if self.security not in SECURITIES:
            faults["security"] = "Chọn cách mã hóa trong danh sách."
        try:
            validate_email(self.sender)
        except ValidationError:
            faults["sender"] = "Nhập địa chỉ gửi, ví dụ eoffice@donvi.vn."
        if faults:
            raise Invalid("Cấu hình máy chủ thư chưa dùng được.", fields=faults)


def send_by_smtp(settings: SmtpSettings, *, secret: str, content: Content) -> Accepted:
    """Hand one mail to the server. Raises NotAccepted."""
    mail = _mail_of(settings, content)
    try:
        with _connection(settings) as server:
            if settings.user:
                server.login(settings.user, secret)
            server.send_message(mail)
    except smtplib.SMTPAuthenticationError as error:
        raise NotAccepted("Máy chủ thư không nhận tài khoản hoặc mật khẩu.") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise NotAccepted("Máy chủ thư không nhận địa chỉ này.", is_final=_refused_for_good(error)) from error
    except smtplib.SMTPResponseException as error:
        raise NotAccepted(f"Máy chủ thư trả mã {error.smtp_code}.") from error
    except ssl.SSLError as error:
        raise NotAccepted(f"Không lập được kết nối bảo mật tới {settings.host}: {why_unreachable(error)}.") from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotAccepted(f"Không gửi được qua {settings.host}: {why_unreachable(error)}.") from error
    return Accepted()


def _connection(settings: SmtpSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=SEND_TIMEOUT_S, context=context)
    server = smtplib.SMTP(settings.host, settings.port, timeout=SEND_TIMEOUT_S)
    if settings.security == "starttls":
        try:
            server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


def _mail_of(settings: SmtpSettings, content: Content) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    mail["To"] = content.recipient
    mail["Subject"] = tidy(content.subject) or "eOffice"
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=settings.sender.partition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(content.text)
    mail.add_alternative(_html_of(content.text), subtype="html")
    return mail


def _html_of(text: str) -> str:
    """The same words for readers that show HTML: paragraphs, lines, pages as links; nothing from outside."""
    paragraphs = "".join(f"<p>{_lines_of(part)}</p>" for part in text.split("\n\n"))
    return f'<!doctype html><html lang="vi"><body>{paragraphs}</body></html>'


def _lines_of(paragraph: str) -> str:
    linked = _PAGE.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(paragraph))
    return linked.replace("\n", "<br>")


def _refused_for_good(error: smtplib.SMTPRecipientsRefused) -> bool:
    """5yz: a permanent refusal (RFC 5321, 4.2.1)."""
    return all(500 <= code < 600 for code, _ in error.recipients.values())
