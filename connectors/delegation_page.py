"""/help: somebody with a code sees which papers are needed, marks what is ready and sends pictures, without JavaScript.

The code is posted and never part of an address.
"""

from collections.abc import AsyncGenerator
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from connectors.customer_limits import CustomerLimits
from connectors.helper_pictures import HelperPictures
from connectors.page_headers import WITH_FORM
from connectors.receiving import receive_body
from connectors.wording import NO_PICTURE_CHOSEN
from delegation.service import Checklist, Delegations
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.web import BODY_BYTES_MAX, read_address
from kit.working_time import describe_moment

HEADERS = WITH_FORM | {"Cache-Control": "no-store"}
PICTURES_PATH = "/help/pictures"
FIELD_LENGTH_MAX = 200
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
  {%- if said %}
  <p class="said" role="status">{{ said }}</p>
  {%- endif %}
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
      <details>
        <summary>拍照传给银行</summary>
        <form class="picture" method="post" action="/help/pictures" enctype="multipart/form-data">
          <input type="hidden" name="code" value="{{ code }}">
          <input type="hidden" name="paper" value="{{ paper.name }}">
          <input type="file" name="picture" accept="image/jpeg,image/png,image/webp" required
            aria-label="{{ paper.name }}的照片">
          <button aria-label="{{ paper.name }}：传照片">传照片</button>
        </form>
      </details>
    </li>
  {%- endfor %}
  </ul>
  <p>原件请交给申请人。传了照片，会告诉他本人。这里看不到申请的内容，也不能替他办理。</p>
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


def build_router(
    delegations: Delegations, pictures: HelperPictures, limits: CustomerLimits, clock: Clock = read_clock
) -> APIRouter:
    """The routes of the page: 404 with a sentence for a code that does not count, 422 for a paper not asked for.

    A picture that is not taken leaves the list as it was, with the reason.
    """
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

    @router.post(PICTURES_PATH, response_class=HTMLResponse)
    async def take_picture(request: Request) -> HTMLResponse:
        address = read_address(request)
        await limits.count_unknown_token(address)
        await limits.count_picture(address, address)
        code = ""
        try:
            body = await receive_body(request, pictures.bytes_max + BODY_BYTES_MAX)
            fields, picture = await _read_upload(request, body)
            code = fields.get("code", "")
            if not picture:
                raise RequestError(422, "no_picture", NO_PICTURE_CHOSEN)
            taken = await pictures.take(code, fields.get("paper", ""), picture)
            return HTMLResponse(_render(taken.checklist, code, clock, taken.said), headers=HEADERS)
        except RequestError as refused:
            return HTMLResponse(await explain(refused, code), refused.status, HEADERS)

    async def explain(refused: RequestError, code: str) -> str:
        try:
            return _render(await delegations.read_checklist(code), code, clock, f"{refused.reason}。")
        except RequestError:  # a body that was too large was not read, and its code with it
            return _PAGE.render(problem=refused.reason)

    return router


def _render(checklist: Checklist, code: str, clock: Clock, said: str = "") -> str:
    until = describe_moment(checklist.expires_at, clock())
    return _PAGE.render(checklist=checklist, code=code, until=until, said=said)


class _InMemory(MultiPartParser):
    spool_max_size = 2**31  # what somebody sends of themselves is never written to a temporary file


async def _read_upload(request: Request, body: bytes) -> tuple[dict[str, str], bytes]:
    """The fields and the picture of the form; empty where there is none."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await _InMemory(request.headers, stream(), max_files=1, max_fields=10).parse()
    except (MultiPartException, KeyError):  # KeyError: no boundary
        return {}, b""
    try:
        fields = {name: value[:FIELD_LENGTH_MAX] for name, value in form.items() if isinstance(value, str)}
        picture = form.get("picture")
        return fields, await picture.read() if isinstance(picture, UploadFile) else b""
    finally:
        await form.close()


def _read_form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:  # too many of them: no form of ours
        return {}
    return {name: values[-1][:FIELD_LENGTH_MAX] for name, values in fields.items()}
