"""The headers of a page that anybody may open."""


def make_page_headers(policy: str) -> dict[str, str]:
    """With its content security policy; the page is asked for anew each time, and tells nobody where it was."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }


_PLAIN = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "
# Of pages without scripts: those that are only read, and those with a form.
READ_ONLY = make_page_headers(f"{_PLAIN}'none'")
WITH_FORM = make_page_headers(f"{_PLAIN}'self'")
