"""GET /process: what happens to an application, who does it and within which time, from the table that moves it."""

from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from applications.stages import find_days, load_process
from connectors.page_headers import READ_ONLY
from kit.clock import CHINA, Clock, read_clock

_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>贷款申请怎么办理</title>
  <link rel="icon" type="image/svg+xml" href="/static/icon.svg">
  <link rel="stylesheet" href="/static/page.css">
</head>
<body>
<main>
  <h1>贷款申请怎么办理</h1>
  <p class="lead">每一步由谁办、最迟多久，都写在这里。每走一步我们都会告诉您。
    超过时间，我们主动告诉您，同时催办；再晚一个工作日转给主管。您随时可以在对话里回复“查进度”。放款前不收任何费用。</p>
{%- for stage in open %}
  <section>
    <h2>{{ stage.name }}</h2>
    <ul>
      <li>谁办：{{ stage.who }}</li>
      <li>做什么：{{ stage.do }}</li>
      <li>最迟：{{ stage.days }}个工作日</li>
      <li>接下来：{{ stage.next | join("、") }}</li>
    </ul>
  </section>
{%- endfor %}
  <section>
    <h2>办完以后</h2>
    <ul>{% for stage in over %}<li>{{ stage.name }}：{{ stage.told }}</li>{% endfor %}</ul>
  </section>
  <section>
    <h2>退回补材料</h2>
    <ul>
      <li>退回时会写明缺哪几项，您只要补这几项，别的不用重填，也不会被改动。</li>
      <li>补齐后接着审核。过一半时间没有补，我们提醒您一次；到期没有补，申请结束，可以再申请。</li>
    </ul>
  </section>
  <section>
    <h2>没有通过</h2>
    <ul>
      <li>会告诉您真实原因：{{ refusals | join("；") }}。</li>
      <li>不同意这个结果，可以在“查进度”里点“请人工复核”，由人重新看，不收费。</li>
    </ul>
  </section>
  <footer><p><a href="/">回到小禾</a></p></footer>
</main>
</body>
</html>
"""
)


def build_router(clock: Clock = read_clock) -> APIRouter:
    """The route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/process", response_class=HTMLResponse)
    async def show_process() -> HTMLResponse:
        return HTMLResponse(render_process(clock().astimezone(CHINA).date()), headers=READ_ONLY)

    return router


def render_process(day: date) -> str:
    """The page with the times in force on a day."""
    process = load_process()
    stages = process.stages
    return _PAGE.render(
        open=[
            {
                "name": stage.name,
                "who": process.who[stage.who],
                "do": stage.do,
                "days": find_days(stage.working_days, day),
                "next": [stages[after].name for after in stage.next],
            }
            for stage in stages.values()
            if stage.who and stage.working_days
        ],
        over=[stage for stage in stages.values() if stage.who is None],
        refusals=[reason.told for reason in process.reasons.values() if "declined" in reason.stages],
    )
