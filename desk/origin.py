"""Checks that a request comes from our own page, and that a redirect stays on this site."""

import re

from starlette.datastructures import Headers

# Browsers drop tabs and line breaks from an address and read \ as /, which could make it //elsewhere.
_LOCAL_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")


def is_same_origin(headers: Headers) -> bool:
    """Whether the sending page is on the same host; false without Origin and Referer.

    The scheme is ignored: behind a proxy that ends TLS we do not know our own.
    """
    scheme, _, rest = (headers.get("origin") or headers.get("referer", "")).partition("://")
    host = rest.partition("/")[0]
    return scheme in ("http", "https") and bool(host) and host.lower() == headers.get("host", "").lower()


def read_next(path: str) -> str:
    """The path if it is one of this site, else the front page."""
    return path if _LOCAL_PATH.fullmatch(path) else "/"
