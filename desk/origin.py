"""Whether a request comes from a page of ours, and where a visitor may be sent next."""

import re

from starlette.datastructures import Headers

# Browsers drop tabs and line ends from an address and read \ as /: any of them could make //elsewhere of it.
_LOCAL_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")


def is_same_origin(headers: Headers) -> bool:
    """Whether the page that sent it is on the host it was sent to; not when neither Origin nor Referer says.

    The scheme is left out: behind a proxy that ends TLS we do not know our own.
    """
    scheme, _, rest = (headers.get("origin") or headers.get("referer", "")).partition("://")
    host = rest.partition("/")[0]
    return scheme in ("http", "https") and bool(host) and host.lower() == headers.get("host", "").lower()


def read_next(path: str) -> str:
    """A path of this site to go to; the front page for anything else."""
    return path if _LOCAL_PATH.fullmatch(path) else "/"
