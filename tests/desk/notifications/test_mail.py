"""E-mail through a real server: what arrives, and every way it can fail."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from desk.notifications.channel import SendError
from desk.notifications.mail import Mail
from desk.notifications.settings import SmtpSettings
from tests.desk.notifications.people import make_staff
from tests.platforms.smtp import MailServer

URL = "https://desk.bank.example/handoffs/7"
PASSWORD = SecretStr("mail-secret-never-to-be-seen")


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer().listening() as listening:
        yield listening


def make_mail(server: MailServer, **other: Any) -> Mail:
    access = {"user": "", "password": SecretStr(""), "security": "none"}
    access = {name: other.pop(name, value) for name, value in access.items()}
    sender = "小禾 <xiaohe@bank.example>"
    return Mail(SmtpSettings(host="127.0.0.1", port=server.port, sender=sender, **access), **other)


async def send(channel: Mail, text: str = "有客户在等您\n青山镇", key: str = "handoff:7") -> SendError | None:
    """What went wrong."""
    try:
        await channel.send(make_staff(email="zhang@bank.example"), text, URL, key)
    except SendError as error:
        return error
    return None


async def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    assert await send(make_mail(server)) is None
    (mail,) = server.mails
    assert server.envelopes == [("xiaohe@bank.example", ["zhang@bank.example"])]
    assert mail["From"] == "小禾 <xiaohe@bank.example>"
    assert mail["To"] == "zhang@bank.example"
    assert mail["Subject"] == "有客户在等您"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == ["有客户在等您", "青山镇", "", URL]
    assert server.commands[-1] == "QUIT"


async def test_the_same_notification_has_the_same_message_id(server: MailServer) -> None:
    for key in ("handoff:7", "handoff:7", "handoff:8"):
        assert await send(make_mail(server), key=key) is None
    first, again, other = (mail["Message-ID"] for mail in server.mails)
    assert first == again != other
    assert first.endswith("@bank.example>")


@pytest.mark.parametrize("text", ["有客户\r\nBcc: all@bank.example", "有客户\rBcc: all@bank.example", "有" * 500])
async def test_no_text_becomes_a_header(server: MailServer, text: str) -> None:
    assert await send(make_mail(server), text) is None
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) <= 60
    assert server.envelopes[0][1] == ["zhang@bank.example"]


@pytest.mark.parametrize(
    "email",
    ["", "zhang", "a@b, c@d", "a@b\nBcc: c@d", "a@b\n", "张@bank.example", "<a@b>", "a b@c", "a@b c", "@b", "a@"],
)
def test_who_has_no_plain_address_cannot_be_reached(email: str) -> None:
    channel = Mail(SmtpSettings())
    assert not channel.can_reach(make_staff(email=email))
    assert channel.can_reach(make_staff(email="zhang.min@bank.example"))


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(("answer", "may_retry"), [("451 later", True), ("550 no such user", False)])
async def test_a_refusal_is_for_now_or_for_good(server: MailServer, command: str, answer: str, may_retry: bool) -> None:
    server.fail(command, answer)
    channel = make_mail(server)
    error = await send(channel)
    assert error
    assert (error.kind == "retry") is may_retry
    assert answer[:3] in error.reason
    assert "such" not in error.reason
    assert await send(channel) is None
    assert len(server.mails) == 1


@pytest.mark.parametrize("answer", ["hang", "221 bye"])
async def test_what_happens_after_the_mail_was_taken_changes_nothing(server: MailServer, answer: str) -> None:
    server.fail("QUIT", answer)
    assert await send(make_mail(server, quit_seconds=0.05)) is None


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "."])
async def test_no_answer_means_another_try(server: MailServer, command: str) -> None:
    server.fail(command, "hang")
    error = await send(make_mail(server, send_seconds=0.2))
    assert error
    assert (error.kind, error.reason) == ("retry", "邮件服务器没有应答")


async def test_nobody_listening_means_another_try() -> None:
    server = MailServer()
    async with server.listening():
        channel = make_mail(server)
    error = await send(channel)
    assert error
    assert error.kind == "retry"


async def test_signing_in(server: MailServer) -> None:
    server.accounts = {"xiaohe": PASSWORD.get_secret_value()}
    assert await send(make_mail(server, user="xiaohe", password=PASSWORD)) is None
    error = await send(make_mail(server, user="xiaohe", password=SecretStr("wrong-never-to-be-seen")))
    assert error
    assert (error.kind, error.retry_after) == ("retry", 600)
    assert "账号或密码" in error.reason
    assert "never-to-be-seen" not in f"{error!r}{error.__cause__!r}{error.__context__!r}"
    assert len(server.mails) == 1


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's, and that of a client who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, file = serialization.Encoding.PEM, Path(tmp_path_factory.mktemp("mail")) / "mail.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mails_go_encrypted_to_a_server_that_is_trusted_only(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], security: str
) -> None:
    server = MailServer(accounts={"xiaohe": PASSWORD.get_secret_value()})
    setattr(server, security, contexts[0])
    async with server.listening():
        known = {"user": "xiaohe", "password": PASSWORD, "security": security}
        assert await send(make_mail(server, **known, tls_context=contexts[1])) is None
        assert server.commands.count("STARTTLS") == (security == "starttls")
        server.commands.clear()
        error = await send(make_mail(server, **known))
    assert error
    assert (error.kind, error.retry_after) == ("retry", 600)
    assert not {"AUTH", "MAIL"} & set(server.commands)


@pytest.mark.parametrize("other", [{"security": "starttls"}, {"security": "tls"}, {"user": "xiaohe"}])
async def test_a_server_that_lacks_what_is_set_gets_no_mail(server: MailServer, other: dict[str, str]) -> None:
    error = await send(make_mail(server, **other))
    assert error
    assert (error.kind, error.retry_after) == ("retry", 600)
    assert "MAIL" not in server.commands
