"""The headers of a page that anybody may open."""


def make_page_headers(policy: str) -> dict[str, str]:
    """With its content security policy; the page is asked for anew each time, and tells nobody where it was."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
