"""Signatures of the bank's core: HMAC-SHA256 with a shared secret over what a request is and when it was made."""

import hashlib
import hmac
from datetime import datetime, timedelta

from kit.errors import RequestError
from kit.security import is_same_secret

TIMESTAMP_HEADER = "X-Xiaohe-Timestamp"
SIGNATURE_HEADER = "X-Xiaohe-Signature"
# A request that was caught on its way cannot be sent again later; clocks may differ by as much.
WINDOW = timedelta(minutes=5)


def sign(secret: str, timestamp: str, method: str, path: str, key: str, body: bytes) -> str:
    """64 hex digits over the lines timestamp (seconds since 1970), method, path and idempotency key, and the body."""
    message = "\n".join((timestamp, method, path, key, "")).encode() + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def make_headers(secret: str, now: datetime, method: str, path: str, key: str, body: bytes) -> dict[str, str]:
    """Those of a signed request with a JSON body; without a `key` it changes nothing."""
    timestamp = str(int(now.timestamp()))
    headers = {
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: sign(secret, timestamp, method, path, key, body),
        "Content-Type": "application/json",
    }
    return headers | ({"Idempotency-Key": key} if key else {})


def require_signature(
    secret: str, timestamp: str, signature: str, method: str, path: str, key: str, body: bytes, now: datetime
) -> None:
    """RequestError 404 without a secret, 401 for a request that is not signed with it, or not in time."""
    if not secret:
        raise RequestError(404, "core_not_connected", "no secret is set for the bank's core: XIAOHE_CORE_SECRET")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12 and signature):
        raise RequestError(401, "unsigned", f"{TIMESTAMP_HEADER} and {SIGNATURE_HEADER} are needed")
    if not is_same_secret(signature, sign(secret, timestamp, method, path, key, body)):
        raise RequestError(401, "wrong_signature", "the signature is not that of this request")
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise RequestError(401, "not_in_time", f"the timestamp is more than {WINDOW.seconds} seconds off")
