"""The source of a customer: the village or account manager whose link they opened."""

import base64
import re

_PAYLOAD = re.compile(r"(village|manager)(64)?_([\w-]{1,54})", re.ASCII)
_NAME = re.compile(r"\w[\w·-]*")


def read_source(payload: str) -> str | None:
    """`village:lijia` for the payload of `https://t.me/<bot>?start=village_lijia`; None for what is no such payload.

    A payload has only letters, digits, `_` and `-`: after `village64_` and `manager64_` the name is base64url of UTF-8.
    """
    found = _PAYLOAD.fullmatch(payload)
    if found is None:
        return None
    kind, is_encoded, name = found.groups()
    if is_encoded:
        name = _decode(name)
    return f"{kind}:{name}" if _NAME.fullmatch(name) else None


def _decode(name: str) -> str:
    try:
        return base64.b64decode(name + "=" * (-len(name) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        return ""
