"""The notification channel e-mail, through the bank's mail server."""

import asyncio
import hashlib
import re
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

import aiosmtplib

from desk.notifications.settings import SmtpSettings
from desk.tables import Staff
from kit.errcodes import SETTINGS_RETRY_SECONDS
from kit.outbox import SendError

SUBJECT_LENGTH_MAX = 60
# One plain address: no list, and nothing that would end a header.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}")


class Mail:
    """Sends mails from one address, with a connection for each mail."""

    name = "mail"

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        tls_context: ssl.SSLContext | None = None,
        send_seconds: float = 10.0,
        quit_seconds: float = 1.0,
    ) -> None:
        self._settings = settings
        self._send_seconds = send_seconds
        self._quit_seconds = quit_seconds
        self._tls_context = tls_context

    def can_reach(self, staff: Staff) -> bool:
        """Whether the member has an e-mail address."""
        return bool(_ADDRESS.fullmatch(staff.email))

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        """Sends one mail; a notification that is sent again has the same Message-ID. Raises SendError."""
        problem = await self._try_send(self._write(staff.email, text, url, key))
        if problem:
            raise problem

    def _write(self, address: str, text: str, url: str, key: str) -> EmailMessage:
        headline = " ".join(text.partition("\n")[0].split())
        domain = parseaddr(self._settings.sender)[1].rpartition("@")[2]
        mail = EmailMessage()
        mail["From"] = self._settings.sender
        mail["To"] = address
        mail["Subject"] = headline[:SUBJECT_LENGTH_MAX]
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # no out-of-office replies
        mail.set_content(f"{text}\n\n{url}\n")
        return mail

    async def _try_send(self, mail: EmailMessage) -> SendError | None:
        server = self._settings
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password.get_secret_value() if server.user else None,
            timeout=self._send_seconds,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._tls_context,
        )
        try:
            async with asyncio.timeout(self._send_seconds):
                await client.connect()
                await client.send_message(mail)
            # The server has accepted it: later errors do not matter.
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=self._quit_seconds)
        except (aiosmtplib.SMTPException, OSError) as error:  # a TimeoutError is an OSError
            return _explain(error)
        finally:
            client.close()
        return None


def _explain(error: Exception) -> SendError:
    """Explains a failure without the server's text, which may repeat what we sent."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return SendError("retry", "邮件服务器不接受账号或密码，请检查设置", SETTINGS_RETRY_SECONDS)
    if isinstance(error, aiosmtplib.SMTPResponseException) and not isinstance(error, aiosmtplib.SMTPConnectError):
        is_for_good = error.code >= 500
        return SendError(
            "permanent" if is_for_good else "retry",
            f"邮件服务器{'拒收' if is_for_good else '暂不收信'}（{error.code}）",
        )
    is_tls = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
    if isinstance(error, OSError) and not is_tls:
        return SendError("retry", "邮件服务器没有应答")
    # The server lacks encryption, a trusted certificate or a sign-in method.
    return SendError("retry", "与邮件服务器的加密或登录方式不合，请检查设置", SETTINGS_RETRY_SECONDS)
