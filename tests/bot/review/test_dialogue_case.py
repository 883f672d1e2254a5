"""Cases read as the dialogue tests read them."""

from pathlib import Path

import yaml

from bot.review.dialogue_case import HEADER, add_case, write_case
from tests.bot.review.turns import make_replies, make_turns, said

TURNS = make_turns(
    said("能贷多少", "check_quota"),
    said("同意", "inform", is_pressed=True),
    said("60", "inform"),
    said("***", "inform"),
    said("转人工", "request_human", handoff="customer_request"),
    said("好: 的", "thank"),
)
REPLIES = make_replies(
    "测额度只看您说的，不查征信。您同意吗？",
    ["好的。", "您主要是做什么的？"],
    "60万元吗？",
    "***，您好，请问电话？",
    "给您转人工。",
    [],
)
CASE = """\
- name: 2026-07-01 09:01, repair
  turns:
    - { say: 能贷多少, hear: 测额度只看您说的 }
    - { press: 同意, hear: [好的, 您主要是做什么的] }
    - { say: '60', hear: 60万元吗 }
    - { say: '***', hear: 您好 }
    - { say: 转人工, hear: 给您转人工, holder: queue }
    - { say: '好: 的' }
"""


def test_a_case_has_a_line_for_each_turn() -> None:
    assert write_case("2026-07-01 09:01, repair", list(zip(TURNS, REPLIES, strict=True))) == CASE
    (case,) = yaml.safe_load(CASE)
    assert case["turns"][1] == {"press": "同意", "hear": ["好的", "您主要是做什么的"]}


def test_cases_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "reviewed.yml"
    for name in ("one", "two"):
        add_case(path, name, list(zip(TURNS[:1], REPLIES[:1], strict=True)))
    text = path.read_text(encoding="utf-8")
    assert text.startswith(HEADER)
    assert [case["name"] for case in yaml.safe_load(text)] == ["one", "two"]
