"""What customers are told of retention is what the table says, wherever it is told."""

import yaml

from kit.settings import ROOT
from privacy.notice import list_sections, write_notice
from privacy.retention import load_retention

KINDS = load_retention().kinds
PRIVACY = yaml.safe_load((ROOT / "knowledge" / "seed" / "privacy.yml").read_text(encoding="utf-8"))
ANSWERS = {entry["id"]: entry["answer"] for entry in PRIVACY}


def test_the_knowledge_base_says_the_same_periods() -> None:
    told = ANSWERS["privacy-keep"]
    assert (KINDS["conversation"].period, "聊天记录一年后删" in told) == ("1年", True)
    assert (KINDS["application"].period, KINDS["handoff"].period) == ("3年", "3年")
    assert "留三年" in ANSWERS["privacy-delete"]
    assert "留三年" in told
    for kind in ("dialogue", "decision", "callback"):
        assert f"{KINDS[kind].name.removesuffix('的内容')}" in told
        assert KINDS[kind].period in told


def test_every_period_of_customers_data_is_on_the_page() -> None:
    (kept,) = [texts for heading, texts in list_sections() if heading == "保存多久"]
    told = "\n".join(kept)
    for kind in KINDS.values():
        is_theirs = kind.kind not in ("none", "staff", "notification", "edit")
        assert (f"{kind.name}：{kind.period}" in told) is is_theirs


def test_the_short_notice_names_the_rights_and_where_to_read_on() -> None:
    notice = write_notice("https://chat.bank.example/")
    assert notice.endswith("https://chat.bank.example/privacy")
    for said in ("看我的信息", "删除我的信息", "撤回同意", "保存1年"):
        assert said in notice


def test_nothing_is_promised_that_is_not_done() -> None:
    """Own talks and lists of customers are not audited, and nobody resumes on another channel yet."""
    told = "\n".join(text for _, texts in list_sections() for text in texts)
    assert "看了不归自己办的" not in told
    assert "看了有记录" not in ANSWERS["privacy-use"]
    assert "换个渠道" not in KINDS["verification"].reason
    for said in ("管理员", "短信验证码核实", "别处由同事给您"):
        assert said in told
