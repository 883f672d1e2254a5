"""Opens WeCom's calls: the check of the address, and that messages arrived (path/90930, 94699)."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.tencent.crypto import MessageCrypto
from connectors.tencent.fields import ParseError, read_fields
from connectors.tencent.signed_calls import SignedCalls
from connectors.wecom_service.settings import WeComServiceSettings
from connectors.wecom_service.user_ids import ID
from kit.clock import Clock

TOKEN_BYTES_MAX = 128


@dataclass(frozen=True, slots=True)
class Arrival:
    """An account has new messages or events; `token` lets us fetch them for ten minutes."""

    open_kfid: str
    token: str


class ServiceCalls:
    """Calls of one corp; one that is not proven to be WeCom's is refused with RequestError 403."""

    def __init__(self, settings: WeComServiceSettings, clock: Clock) -> None:
        self._crypto = MessageCrypto(settings.corp_id, settings.aes_key.get_secret_value())
        self._calls = SignedCalls(settings.token.get_secret_value(), clock)

    def open_echo(self, query: Mapping[str, str]) -> str:
        """The text in `echostr`, which proves that the address is ours."""
        return self._calls.open(query, query.get("echostr", ""), self._crypto).decode()

    def open(self, query: Mapping[str, str], body: bytes) -> Arrival | None:
        """What a call tells; None for an event that is not about messages. ParseError if it cannot be read."""
        return read_arrival(self._calls.open(query, read_fields(body).get("Encrypt", ""), self._crypto))


def read_arrival(xml: bytes) -> Arrival | None:
    """What an event's XML tells."""
    fields = read_fields(xml)
    if fields.get("MsgType") != "event" or fields.get("Event") != "kf_msg_or_event":
        return None
    open_kfid, token = fields.get("OpenKfId", ""), fields.get("Token", "")
    if not ID.fullmatch(open_kfid) or len(token.encode()) > TOKEN_BYTES_MAX:
        raise ParseError("OpenKfId or Token is missing or malformed")
    return Arrival(open_kfid, token)
