"""What 小禾 says to a picture, and what of it gets into the form: only what the customer confirmed."""

from typing import Any, get_args

import pytest

from documents.schemas import KIND_NAMES, DocumentKind
from kit.placeholders import Placeholders
from pictures.schemas import PictureReading
from tests.bot.actions.action_call import RESPONSES, ActionResult, call_action, make_clients
from tests.connectors.papers import CARD
from tests.vaults import VAULT
from understanding.papers import list_facts
from understanding.schemas import Act

OPEN: dict[str, Any] = {"application_consent": True, "product": "农户贷", "amount": 80_000, "requested_slot": "name"}
FIRM = {**OPEN, "product": "小微企业贷"}
LICENCE = PictureReading(
    kind="business_licence",
    quality="good",
    fields={"company": "青禾县绿源农资有限公司", "credit_code": "91990100MA0BXY2Q5A", "legal_person": "李四"},
)
CONTRACT = PictureReading(kind="land_contract", quality="good", fields={"name": "王大山", "land_mu": 15.5})
UNKNOWN = PictureReading(kind="unknown", quality="good", fields={})


def send(reading: PictureReading | None, number: str = "", medium: str = "image") -> Act:
    """What the gateway makes of a picture."""
    values = {
        "document": "document-1",
        "medium": medium,
        "is_read": reading is not None,
        "kind": reading.kind if reading else "unknown",
        "quality": reading.quality if reading else "good",
        "number": number,
    }
    return Act(name="send_picture", values=values, facts=list_facts(reading) if reading else ())


async def take(reading: PictureReading | None, slots: dict[str, Any], number: str = "") -> ActionResult:
    return await call_action(
        make_clients(), "action_take_picture", slots, send(reading, number), form="application_form"
    )


async def confirm(slots: dict[str, Any], **values: Any) -> ActionResult:
    act = Act(name="use_picture", values=values)
    return await call_action(make_clients(), "validate_application_form", {**slots, "requested_slot": None}, act)


class TestAGoodOne:
    async def test_is_read_out_whole_and_waits_for_a_yes(self) -> None:
        done = await take(CARD, OPEN)
        assert done.heard == (
            "身份证正面上写着：\n· 地址：青禾县柳河镇王家村3组12号\n· 姓名：王秀英\n· 身份证号：990123198505050018\n"
            "对不对？对的话我就填上，您不用再打字。"
        )
        assert done.slots["context"]["question"] == "use_picture"
        assert {"event": "active_loop", "name": None, "timestamp": None} in done.events
        assert not {"name", "id_number", "region"} & done.slots.keys(), "nothing is filled in yet"

    async def test_fills_the_form_once_it_is_confirmed(self) -> None:
        shown = await take(CARD, OPEN)
        done = await confirm({**OPEN, "picture": shown.slots["picture"]}, document="document-1")
        assert done.slots["name"] == "王秀英"
        assert done.slots["id_number"] == "990123198505050018"
        assert done.slots["region"] == "青禾县柳河镇王家村3组12号"
        assert (done.slots["picture"], done.slots["requested_slot"]) == (None, "term")
        assert "utter_noted" in done.said

    async def test_counts_by_a_typed_yes_as_well(self) -> None:
        shown = await take(CARD, OPEN)
        done = await confirm({**OPEN, "picture": shown.slots["picture"]}, is_confirmed=True)
        assert done.slots["name"] == "王秀英"

    async def test_is_not_used_by_the_button_of_an_earlier_one(self) -> None:
        shown = await take(CARD, OPEN)
        done = await confirm({**OPEN, "picture": shown.slots["picture"]}, document="document-0")
        assert "name" not in done.slots

    async def test_says_only_what_is_new(self) -> None:
        done = await take(CARD, {**OPEN, "name": "王秀英", "id_number": "990123198505050018"})
        assert "姓名" not in done.heard
        assert "地址" in done.heard
        known = {"name": "王秀英", "id_number": "990123198505050018", "region": "青禾县柳河镇王家村3组12号"}
        assert (await take(CARD, OPEN | known)).said == ["utter_picture_noted"]

    async def test_corrects_what_was_filled_in_wrong(self) -> None:
        slots = {**OPEN, "name": "王秀兰"}
        shown = await take(CARD, slots)
        done = await confirm({**slots, "picture": shown.slots["picture"]}, document="document-1")
        assert done.slots["name"] == "王秀英"
        assert "utter_changed" in done.said

    @pytest.mark.parametrize(
        ("reading", "slots", "filled"),
        [
            (LICENCE, FIRM, {"company": "青禾县绿源农资有限公司", "legal_person": "李四"}),
            (CONTRACT, OPEN, {"land_mu": 15.5}),
        ],
    )
    async def test_of_other_papers(
        self, reading: PictureReading, slots: dict[str, Any], filled: dict[str, Any]
    ) -> None:
        shown = await take(reading, slots)
        assert "王大山" not in shown.heard, "whose land it is says nothing of who asks"
        done = await confirm({**slots, "picture": shown.slots["picture"]}, document="document-1")
        assert filled.items() <= done.slots.items()

    async def test_says_nothing_that_this_customer_is_not_asked(self) -> None:
        assert (await take(LICENCE, OPEN)).said == ["utter_picture_noted"]


class TestABadOne:
    @pytest.mark.parametrize("quality", ["blurred", "glare", "dark", "cropped", "small"])
    async def test_is_asked_for_again_with_what_to_do(self, quality: Any) -> None:
        done = await take(PictureReading(kind="identity_card", quality=quality, fields={}), OPEN)
        assert done.said == [f"utter_picture_{quality}"]
        assert "打字" in done.heard
        assert done.slots["picture"] == {"retakes": 1}
        assert "active_loop" not in {event["event"] for event in done.events}, "the form asks on"

    async def test_after_two_retakes_a_human_is_offered(self) -> None:
        blurred = PictureReading(kind="unknown", quality="blurred", fields={})
        slots = dict(OPEN)
        said = []
        for _ in range(3):
            done = await take(blurred, slots)
            slots["picture"] = done.slots["picture"]
            said += done.said
        assert said == ["utter_picture_blurred", "utter_picture_blurred", "utter_picture_given_up"]
        assert slots["picture"] is None
        assert [button["title"] for button in RESPONSES["utter_picture_given_up"][0]["buttons"]] == [
            "打字接着填",
            "转人工",
        ]

    async def test_a_good_one_begins_the_count_anew(self) -> None:
        done = await take(CARD, {**OPEN, "picture": {"retakes": 2}})
        assert "retakes" not in done.slots["picture"]


@pytest.mark.parametrize(
    ("reading", "slots", "number", "said"),
    [
        (UNKNOWN, OPEN, "", "utter_picture_unknown"),
        (None, OPEN, "", "utter_picture_unread"),
        (CARD, {}, "", "utter_picture_kept"),
        (CARD, {}, "QH260701-AB2C3", "utter_picture_filed"),
        (None, {}, "QH260701-AB2C3", "utter_picture_filed"),
    ],
)
async def test_what_else_becomes_of_one(
    reading: PictureReading | None, slots: dict[str, Any], number: str, said: str
) -> None:
    done = await take(reading, slots, number)
    assert done.said == [said]
    assert "{" not in done.heard


@pytest.mark.parametrize(
    ("slots", "number", "said"),
    [
        (OPEN, "", "文件收好了，和申请一起交给客户经理。"),
        ({}, "", "文件收到了，替您存30天。这期间申请贷款，会和申请一起交给客户经理。"),
        ({}, "QH260701-AB2C3", "文件收到了，已经放进申请QH260701-AB2C3，客户经理会看到。"),
    ],
)
async def test_a_file_is_for_the_manager_to_read(slots: dict[str, Any], number: str, said: str) -> None:
    act = send(None, number, medium="file")
    done = await call_action(make_clients(), "action_take_picture", slots, act, form="application_form")
    assert done.heard == said


async def test_rasa_gets_placeholders_only() -> None:
    placeholders, act = Placeholders(VAULT, "conversation-1"), send(CARD)
    hidden = [fact.model_copy(update={"text": placeholders.hide(fact.text)}) for fact in act.facts]
    act = act.model_copy(update={"facts": tuple(hidden)})  # as the gateway tells it (connectors/bot_client.py)
    done = await call_action(make_clients(), "action_take_picture", OPEN, act, form="application_form", is_raw=True)
    assert done.said == ["utter_picture_read"]
    for part in (done.events, done.responses):
        assert not any(word in str(part) for word in ("王秀英", "990123198505050018", "王家村"))
    assert "王秀英" in placeholders.put_back(done.responses)[0]["answers"]


def test_every_kind_has_a_name() -> None:
    assert set(KIND_NAMES) == set(get_args(DocumentKind))
