"""Every payment of the loan that was calculated, as lines that fit a phone."""

from typing import Any

import pytest

from bot.actions.schedule import list_lines
from lending.schedule import Method
from tests.bot.actions.action_call import ActionResult, call_action, make_clients
from understanding.schemas import Act

LOAN = {"calculated_amount": 100_000, "calculated_term": 36}


async def show(calculation: dict[str, Any] | None, **values: str) -> ActionResult:
    act = Act(name="show_schedule", values=values)
    return await call_action(make_clients(), "action_show_schedule", {"calculation": calculation}, act)


async def test_a_short_schedule_has_a_line_for_each_month() -> None:
    turn = await show({"calculated_amount": 60_000, "calculated_term": 12, "rate": "6"})
    assert turn.heard == (
        "按您说的年利率6%（单利），借6万元、1年，等额本息。\n每期：还款/其中利息/还欠（元）\n"
        "1期：5163.99/300.00/55136.01\n2期：5163.99/275.68/50247.70\n3期：5163.99/251.24/45334.95\n"
        "4期：5163.99/226.67/40397.63\n5期：5163.99/201.99/35435.63\n6期：5163.99/177.18/30448.82\n"
        "7期：5163.99/152.24/25437.07\n8期：5163.98/127.19/20400.28\n9期：5163.98/102.00/15338.30\n"
        "10期：5163.98/76.69/10251.01\n11期：5163.98/51.26/5138.29\n12期：5163.98/25.69/0.00\n"
        "共还61967.83元，其中利息1967.83元。\n每月按年利率的1/12计息，四舍五入到分；实际以合同为准。"
    )


async def test_a_long_schedule_has_the_first_and_last_months_and_sums_by_year() -> None:
    lines = (await show(LOAN)).heard.split("\n")[2:-2]
    assert [line.split("：")[0] for line in lines] == [
        "1期",
        "2期",
        "3期",
        "…",
        "35期",
        "36期",
        "每年",
        "1年",
        "2年",
        "3年",
    ]
    assert lines[0] == "1期：3083.14/575.00/97491.86"
    assert lines[-3] == "1年：36997.68/5929.69"


@pytest.mark.parametrize(
    ("method", "name", "first", "buttons"),
    [
        ("equal_principal", "等额本金", "1期：3352.78/575.00/97222.22", ["等额本息", "先息后本"]),
        ("interest_first", "先息后本", "1期：575.00/575.00/100000.00", ["等额本息", "等额本金"]),
        ("bullet", "到期一次还", "36期：120700.00/20700.00/0.00", ["等额本息", "等额本金"]),
    ],
)
async def test_other_methods(method: Method, name: str, first: str, buttons: list[str]) -> None:
    turn = await show(LOAN, method=method)
    assert name in turn.heard
    assert turn.heard.split("\n")[2] == first
    titles = [button["title"] for button in turn.responses[0]["buttons"]]
    assert titles == [*buttons, "提前还能省多少", "申请贷款"]
    assert turn.slots["calculation"] == LOAN | {"method": method}
    assert turn.slots["context"]["last"] == "calculation"


async def test_a_calculation_that_is_gone_is_asked_for_again() -> None:
    assert (await show(None)).said == ["utter_calculation_gone"]


def test_nothing_is_listed_of_nothing() -> None:
    assert list_lines(()) == []
