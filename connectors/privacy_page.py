"""GET /privacy: the full text of the privacy notice, from the same table that the daily deletion goes by."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from connectors.page_headers import READ_ONLY
from privacy.notice import NOTICE_VERSION, list_sections, write_notice

_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>隐私说明 · 青禾农商银行</title>
  <link rel="icon" type="image/svg+xml" href="/static/icon.svg">
  <link rel="stylesheet" href="/static/page.css">
</head>
<body>
<main>
  <h1>隐私说明</h1>
  <p class="lead">{{ notice }}</p>
{%- for heading, paragraphs in sections %}
  <section>
    <h2>{{ heading }}</h2>
    <ul>{% for text in paragraphs %}<li>{{ text }}</li>{% endfor %}</ul>
  </section>
{%- endfor %}
  <footer><p>版本{{ version }}</p><p><a href="/">回到小禾</a></p></footer>
</main>
</body>
</html>
"""
)


def build_router() -> APIRouter:
    """The route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/privacy", response_class=HTMLResponse)
    async def show_notice() -> HTMLResponse:
        page = _PAGE.render(notice=write_notice(), sections=list_sections(), version=NOTICE_VERSION)
        return HTMLResponse(page, headers=READ_ONLY)

    return router
