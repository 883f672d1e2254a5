"""/help: somebody with a code sees which papers are needed, and marks what is ready; forms that need no JavaScript.

The code is posted and never part of an address.
"""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from connectors.customer_limits import CustomerLimits
from connectors.page_headers import WITH_FORM
from delegation.service import Checklist, Delegations
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.web import read_address
from kit.working_time import describe_moment

HEADERS = WITH_FORM | {"Cache-Control": "no-store"}
FIELD_LENGTH_MAX = 100
_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="robots" content="noindex">
  <title>帮办 · 青禾农商银行</title>
  <link rel="icon" type="image/svg+xml" href="/static/icon.svg">
  <link rel="stylesheet" href="/static/page.css">
  <link rel="stylesheet" href="/static/calculator.css">
  <link rel="stylesheet" href="/static/delegation.css">
</head>
<body>
<main>
  <h1>帮忙备材料</h1>
{%- if checklist %}
  <p class="lead">{{ until }}前有效。备好一样，点一下。</p>
  <ul class="papers">
  {%- for paper in checklist.papers %}
    <li{% if paper.is_ready %} class="ready"{% endif %}>
      <form method="post" action="/help">
        <input type="hidden" name="code" value="{{ code }}">
        <input type="hidden" name="paper" value="{{ paper.name }}">
        <input type="hidden" name="is_ready" value="{{ '' if paper.is_ready else 'yes' }}">
        <span>{{ '✓ ' if paper.is_ready }}{{ paper.name }}</span>
        <button aria-label="{{ paper.name }}：{{ '撤销' if paper.is_ready else '备好了' }}">
          {{- '撤销' if paper.is_ready else '备好了' -}}
        </button>
      </form>
    </li>
  {%- endfor %}
  </ul>
  <p>材料请交给申请人，由他本人提交。这里看不到申请的内容，也不能替他办理。</p>
{%- else %}
  <p class="lead">请输入申请人给您的帮办码。</p>
  <form method="post" action="/help">
    <label class="wide">帮办码
      <input name="code" autocomplete="off" autocapitalize="characters" maxlength="20" required
        {%- if problem %} aria-invalid="true" aria-describedby="problem"{% endif %}>
      {%- if problem %}<span class="problem" id="problem">{{ problem }}</span>{% endif %}
    </label>
    <button>打开</button>
  </form>
{%- endif %}
  <footer><p>青禾农商银行不会收取任何费用，也不会向您要密码和验证码。</p><p><a href="/">小禾</a></p></footer>
</main>
</body>
</html>
"""
)


def build_router(delegations: Delegations, limits: CustomerLimits, clock: Clock = read_clock) -> APIRouter:
    """The routes of the page: 404 with a sentence for a code that does not count, 422 for a paper not asked for."""
    router = APIRouter(include_in_schema=False)

    @router.get("/help", response_class=HTMLResponse)
    async def ask_code() -> HTMLResponse:
        return HTMLResponse(_PAGE.render(), headers=HEADERS)

    @router.post("/help", response_class=HTMLResponse)
    async def show_checklist(request: Request) -> HTMLResponse:
        await limits.count_unknown_token(read_address(request))
        given = _read_form(await request.body())
        code, paper = given.get("code", ""), given.get("paper", "")
        try:
            if paper:
                checklist = await delegations.mark_ready(code, paper, is_ready=given.get("is_ready") == "yes")
            else:
                checklist = await delegations.read_checklist(code)
        except RequestError as error:
            return HTMLResponse(_PAGE.render(problem=error.reason), error.status, HEADERS)
        return HTMLResponse(_render(checklist, code, clock), headers=HEADERS)

    return router


def _render(checklist: Checklist, code: str, clock: Clock) -> str:
    return _PAGE.render(checklist=checklist, code=code, until=describe_moment(checklist.expires_at, clock()))


def _read_form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:  # too many of them: no form of ours
        return {}
    return {name: values[-1][:FIELD_LENGTH_MAX] for name, values in fields.items()}
