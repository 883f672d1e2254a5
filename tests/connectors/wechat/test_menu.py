"""The menu at the foot of the conversation: ours is sound, and one that is not is refused."""

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from connectors.wechat.menu import Menu, load_menu
from kit.settings import ROOT

ENTRY = {"name": "测额度", "key": "check_quota", "payload": "/check_quota"}
PAGE = {"name": "手机银行", "url": "https://bank.example/app"}


def test_every_entry_of_our_menu_means_an_intent_the_bot_knows() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    payloads = {entry.payload for entry in load_menu().index_entries().values()}
    assert payloads <= {f"/{intent}" for intent in domain["intents"]}


def test_the_menu_becomes_what_wechat_takes() -> None:
    menu = Menu.model_validate({"columns": [ENTRY, {"name": "服务", "entries": [PAGE, {**ENTRY, "key": "quota"}]}]})
    click = {"type": "click", "name": "测额度", "key": "check_quota"}
    view = {"type": "view", "name": "手机银行", "url": "https://bank.example/app"}
    assert menu.to_platform() == {"button": [click, {"name": "服务", "sub_button": [view, {**click, "key": "quota"}]}]}
    assert set(menu.index_entries()) == {"check_quota", "quota"}


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [{**ENTRY, "key": str(number)} for number in range(4)],
        [{"name": "服务", "entries": []}],
        [{"name": "服务", "entries": [{**ENTRY, "key": str(number)} for number in range(6)]}],
        [{**ENTRY, "name": "一二三四五六"}],
        [{"name": "服务", "entries": [{**ENTRY, "name": "长" * 21}]}],
        [{**ENTRY, "name": ""}],
        [{**ENTRY, "key": "长" * 43}],
        [{**ENTRY, "payload": "check_quota"}],
        [{**ENTRY, "payload": None}],
        [{**ENTRY, "url": "https://bank.example"}],
        [{"name": "空的"}],
        [{"name": "手机银行", "url": "javascript:alert(1)"}],
        [ENTRY, {"name": "服务", "entries": [ENTRY]}],
    ],
)
def test_a_menu_beyond_wechats_limits_is_refused(columns: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        Menu.model_validate({"columns": columns})
