"""How audit records and the ledger were chained until 0017: without a key."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from kit.append_only import write_link


def chain_plainly(last: str, values: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    """The hash of a row and of the one before it."""
    return sha256(write_link(last, values, fields).encode()).hexdigest()
