"""Mail through a real SMTP server on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from eoffice.core.channels.errors import NotAccepted
from eoffice.core.channels.mail_gateway import SmtpSettings, send_by_smtp
from eoffice.core.channels.transport import Content
from eoffice.core.errors import Invalid

# The loopback server asks for a password without TLS on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
CONTENT = Content(
    key="k", recipient="ngan.vt@truongxuan.example", subject="Mã đăng nhập\r\nBcc: ai@khac.example", text="Mã: 123456"
)


class Mailbox:
    """Keeps every mail; refuses one name for good."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("khong-co"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(envelope.original_content or b"")
        return "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def settings(mailbox: Mailbox) -> Iterator[SmtpSettings]:
    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"dung", handled=False)

    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    yield SmtpSettings(
        host="127.0.0.1", port=controller.port, security="none", user="eo", sender="eoffice@truongxuan.example"
    )
    controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_mail_arrives_with_vietnamese_words(settings: SmtpSettings, mailbox: Mailbox) -> None:
    send_by_smtp(settings, secret="dung", content=CONTENT)

    mail = message_from_bytes(mailbox.mails[0], policy=policy.default)
    assert mail["To"] == "ngan.vt@truongxuan.example"
    assert mail["From"] == "eOffice <eoffice@truongxuan.example>"
    assert mail["Subject"] == "Mã đăng nhập Bcc: ai@khac.example"
    assert mail["Bcc"] is None
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Mã: 123456"
    assert "<p>Mã: 123456" in html.get_content()


def test_wrong_password_and_unknown_reader_are_told(settings: SmtpSettings, mailbox: Mailbox) -> None:
    with pytest.raises(NotAccepted, match="tài khoản hoặc mật khẩu"):
        send_by_smtp(settings, secret="sai", content=CONTENT)
    unknown = Content(key="k", recipient="khong-co@truongxuan.example", text="x")
    with pytest.raises(NotAccepted) as refused:
        send_by_smtp(settings, secret="dung", content=unknown)

    assert refused.value.is_final
    assert mailbox.mails == []


def test_server_without_the_asked_encryption_gets_nothing(settings: SmtpSettings, mailbox: Mailbox) -> None:
    for security in ("starttls", "tls"):
        with pytest.raises(NotAccepted):
            send_by_smtp(
                SmtpSettings(host="127.0.0.1", port=settings.port, security=security, sender="a@b.example"),
                secret="dung",
                content=CONTENT,
            )

    assert mailbox.mails == []


def test_settings_that_cannot_be_used_are_named() -> None:
    with pytest.raises(Invalid) as refused:
        SmtpSettings(host="", port=70000, security="ssl3", sender="không phải thư").check()

    assert set(refused.value.fields) == {"host", "port", "security", "sender"}
