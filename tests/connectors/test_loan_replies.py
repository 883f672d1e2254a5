"""What customers hear about their loans, and what of it becomes a request."""

import re
from pathlib import Path
from typing import Any

import pytest

from connectors.loan_replies import LoanReplies
from conversations.english import to_english
from core_banking.schemas import LoanRequestIn, LoanRequestView
from kit.database import Database
from kit.errors import ServiceUnavailable
from tests.connectors.talk import Talk, make_rights
from tests.core_banking.bank import Bank
from tests.fakes import FixedClock, ScriptedBot

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
FARMER, LATE, OVERDUE, LINE, HOME, TWO = (f"1380000700{n}" for n in range(1, 7))


@pytest.fixture
def bank(database: Database, clock: FixedClock, tmp_path: Path) -> Bank:
    return Bank(database, clock, tmp_path)


async def make_talk(bank: Bank, *phones: str, user: str = "wang") -> Talk:
    bot = ScriptedBot()
    await bank.verify(user, *phones)
    replies = LoanReplies(bank.client, make_rights(bank.database, bank.clock, bot), bank.clock)
    return Talk(bank.database, bank.clock, bot, user, others=[replies])


async def hear(talk: Talk, *words: str) -> str:
    """Presses what stands in brackets, writes the rest; all that is said to the last."""
    heard = ""
    for each in words:
        heard = "".join(await (talk.press(each[1:-1]) if each.startswith("[") else talk.write(each)))
    return heard


async def test_a_loan_is_told_with_its_next_payment(bank: Bank) -> None:
    talk = await make_talk(bank, FARMER)
    told = await hear(talk, "我的贷款")
    assert "农户贷（尾号3017）：还欠80000.00元。下期2026年7月20日还360.00元，2026年8月15日到期" in told
    assert "年化利率（单利）5.4%" in told
    assert "尾号6608的账户扣360.00元" in await hear(talk, "[怎么还款]")
    assert talk.bot.asked == [], "nothing of a loan goes to the bot"


async def test_of_several_one_is_chosen(bank: Bank) -> None:
    talk = await make_talk(bank, TWO)
    assert "您有2笔贷款" in await hear(talk, "还欠多少钱")
    assert "90000.00元" in await hear(talk, "[商户贷（尾号8561）]")
    assert "哪一笔" in await hear(talk, "我想续贷")
    assert "分期还本" in await hear(talk, "[商户贷（尾号8561）]")


async def test_without_a_verified_phone_no_sum_is_told(bank: Bank) -> None:
    talk = await make_talk(bank)
    for words in ("我的贷款", "我想用款3万", "我要续贷", "年审", "我的贷款提前还清能省多少"):
        told = await hear(talk, words)
        assert "确认是您本人" in told
        assert "元" not in told


async def test_a_phone_without_loans_is_told_so(bank: Bank) -> None:
    assert "没有查到" in await hear(await make_talk(bank, "13800007999"), "我的贷款")


async def test_without_a_core_a_human_is_offered(database: Database, clock: FixedClock, tmp_path: Path) -> None:
    talk = await make_talk(Bank(database, clock, tmp_path, has_core=False), FARMER)
    assert "客户经理可以帮您查" in await hear(talk, "我的贷款")


async def test_what_is_drawn_inside_the_line_is_handed_in_once(bank: Bank) -> None:
    talk = await make_talk(bank, LINE)
    asked = await hear(talk, "我想用款3万")
    assert "用款3万元" in asked
    assert "4.9%（单利），最长用1年" in asked
    assert "还不是放款" in asked
    done = await hear(talk, "[同意并用款]")
    assert "用款申请已提交" in done
    assert "还没有放款" in done
    (stored,) = await bank.list_stored()
    assert (stored.kind, stored.amount, stored.term, stored.core_state) == ("drawdown", 30_000, 12, "sent")
    assert stored.loan is not None
    assert stored.loan["reference"] == "DC000001"


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        (("我想用款3万", "好的谢谢"), "用款3万元"),
        (("我想用款3万", "不了"), "没有提交"),
        (("我想用款3万", "[先不用]"), "没有提交"),
        (("我想用款15万",), "现在还能用120000.00元"),
        (("我想用款15万", "[改用12万元]"), "用款12万元"),
        (("我要用款", "5万"), "用款5万元"),
    ],
)
async def test_nothing_is_drawn_without_a_yes(bank: Bank, words: tuple[str, ...], heard: str) -> None:
    assert heard in await hear(await make_talk(bank, LINE), *words)
    assert await bank.list_stored() == []


@pytest.mark.parametrize("yes", ["是的", "确认", "好"])
@pytest.mark.parametrize(
    ("phone", "asked"),
    [
        (LINE, ("我想用款3万", "[同意并用款]")),
        (LINE, ("年审", "[同意并开始年审]")),
        (FARMER, ("我想续贷", "[还在做]", "[还要用]", "[同意并申请续贷]")),
    ],
)
async def test_a_typed_yes_hands_nothing_in_and_gets_the_question_again(
    bank: Bank, phone: str, asked: tuple[str, ...], yes: str
) -> None:
    talk = await make_talk(bank, phone)
    question = await hear(talk, *asked[:-1])
    assert "提交就是同意用您的申请资料" in question
    assert f"点了“{asked[-1][1:-1]}”才会提交" in question
    assert await hear(talk, yes) == question
    assert await bank.list_stored() == []
    assert "已提交" in await hear(talk, asked[-1])


async def test_who_has_no_line_is_told_so(bank: Bank) -> None:
    assert "没有可以随时用款的额度" in await hear(await make_talk(bank, FARMER), "我想用款3万")


async def test_a_renewal_asks_what_only_the_customer_knows(bank: Bank) -> None:
    talk = await make_talk(bank, FARMER)
    assert "还在正常做吗" in await hear(talk, "我想续贷")
    assert "还要接着用吗" in await hear(talk, "[还在做]")
    summary = await hear(talk, "是的")
    assert "申请续贷80000.00元" in summary
    assert "续贷期限1年" in summary
    assert "批不批由银行审核决定" in summary
    assert "续贷申请已提交" in await hear(talk, "[同意并申请续贷]")
    (stored,) = await bank.list_stored()
    assert (stored.kind, stored.amount, stored.name, stored.core_state) == ("renewal", 80_000, "王秀英", "sent")
    assert stored.loan is not None
    assert stored.loan["is_operating"]
    again = await hear(talk, "我想续贷", "[还在做]", "[还要用]", "[同意并申请续贷]")
    assert f"已有一笔在办，编号{stored.number}" in again
    assert len(await bank.list_stored()) == 1


@pytest.mark.parametrize(
    ("phone", "words", "reason"),
    [
        (LATE, ("我想续贷",), "来不及"),
        (OVERDUE, ("我想续贷",), "逾期12天"),
        (HOME, ("我想续贷",), "不是经营用途"),
        (FARMER, ("我想续贷", "[已经不做了]"), "只给还在经营的客户"),
        (FARMER, ("我想续贷", "[还在做]", "[不用了，到期还清]"), "不续贷"),
        (FARMER, ("我想续贷", "[还在做]", "不用"), "不续贷"),
        (FARMER, ("我想续贷", "[还在做]", "好的谢谢"), "还要接着用吗"),
        (FARMER, ("我想续贷", "[还在做]", "[还要用]", "好的谢谢"), "申请续贷80000.00元"),
        (FARMER, ("我想续贷", "[还在做]", "[还要用]", "不了"), "没有提交"),
        (FARMER, ("我想续贷", "[还在做]", "[还要用]", "[先不续]"), "没有提交"),
    ],
)
async def test_what_cannot_be_renewed_has_its_true_reason(
    bank: Bank, phone: str, words: tuple[str, ...], reason: str
) -> None:
    assert reason in await hear(await make_talk(bank, phone), *words)
    assert await bank.list_stored() == []


async def test_what_repaying_early_saves_is_told_of_the_real_debt(bank: Bank) -> None:
    talk = await make_talk(bank, FARMER)
    told = await hear(talk, "我的贷款", "提前还3万能省多少利息")
    assert "现在提前还30000.00元" in told
    assert "省利息270.00元" in told  # 30,000 yuan at 5.4 %, two months
    assert "没有还款" in told
    assert "本金还清" in await hear(talk, "[全部还清]")
    assert "想提前还多少" in await hear(talk, "我的贷款想提前还")
    assert "提前还20000.00元" in await hear(talk, "2万")


async def test_a_yearly_review_is_begun_with_a_yes(bank: Bank) -> None:
    talk = await make_talk(bank, LINE)
    assert "2026年7月21日前做年审" in await hear(talk, "年审")
    assert "拍照发来" in await hear(talk, "[同意并开始年审]")
    (stored,) = await bank.list_stored()
    assert (stored.kind, stored.amount, stored.core_state) == ("review", 200_000, None)
    assert "没有要年审的额度" in await hear(await make_talk(bank, FARMER, user="li"), "我要年审")


async def test_while_the_core_is_away_nothing_is_done(bank: Bank) -> None:
    talk = await make_talk(bank, LINE)
    await hear(talk, "我想用款3万")
    bank.core.away = "all"
    assert "连不上" in await hear(talk, "[同意并用款]")
    assert await bank.list_stored() == []
    bank.core.away = ""
    assert "已提交" in await hear(talk, "我想用款3万", "[同意并用款]")


async def test_what_the_core_did_not_take_is_asked_for_later(bank: Bank) -> None:
    talk = await make_talk(bank, LINE)
    bank.core.away = "requests"
    assert "连上后自动补交" in await hear(talk, "我想用款3万", "[同意并用款]")
    await bank.loans.send_waiting()
    assert [each.core_state for each in await bank.list_stored()] == ["to_send"]
    bank.core.away = ""
    await bank.loans.send_waiting()
    await bank.loans.send_waiting()
    (stored,) = await bank.list_stored()
    assert stored.core_state == "sent"


async def test_a_yes_that_is_repeated_after_a_crash_hears_the_same(bank: Bank) -> None:
    talk = await make_talk(bank, LINE)
    await hear(talk, "我想用款12万")
    await talk.press_and_lose("同意并用款")
    loan = (await bank.core.list_loans([LINE]))[0].loan
    assert loan.line is not None
    bank.core.changes = {loan.loan_id: {"line": loan.line.model_copy(update={"used": loan.line.limit})}}
    (said,) = await talk.take_again(attempt=2)
    (stored,) = await bank.list_stored()
    assert f"用款申请已提交，编号{stored.number}" in said


async def test_without_an_answer_it_is_not_known_and_the_same_button_asks_again(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await make_talk(bank, LINE)
    await hear(talk, "我想用款3万")
    ask = bank.client.request

    async def lose(ref: str, wanted: LoanRequestIn, *, idempotency_key: str) -> LoanRequestView:
        await ask(ref, wanted, idempotency_key=idempotency_key)
        raise ServiceUnavailable("loans did not answer")

    with monkeypatch.context() as lost:
        lost.setattr(bank.client, "request", lose)
        told = await hear(talk, "[同意并用款]")
    assert "刚才办没办成还不知道" in told
    assert "什么都没有办" not in told
    assert to_english(told) != told
    assert "用款申请已提交" in await hear(talk, "[再试一次]")
    assert len(await bank.list_stored()) == 1


@pytest.mark.parametrize(
    ("changes", "words", "heard"),
    [
        ({"overdue_days": 9, "overdue": 800, "next_due_on": None}, "[怎么还款]", "已逾期9天，逾期8.00元"),
        ({"next_due_on": None}, "[怎么还款]", "一共要还多少请问客户经理"),
        ({"balance": 0}, "[怎么还款]", "农户贷（尾号3017）现在没有欠款"),
    ],
)
async def test_how_to_repay_is_told_of_what_is_owed(
    bank: Bank, changes: dict[str, Any], words: str, heard: str
) -> None:
    bank.core.changes = {"D7001-1": changes}
    talk = await make_talk(bank, FARMER)
    listed = await hear(talk, "我的贷款")
    told = await hear(talk, words)
    assert heard in told
    assert not re.search("[\u3400-\u9fff]", to_english(listed + told))
    if "balance" not in changes:
        assert {"找客户经理", "转人工"} <= {each.title for each in (await talk.list_messages())[-1].buttons}


@pytest.mark.parametrize(("over", "heard"), [(True, "已经到期，现在不能用款"), (False, "逾期的还清以前，额度不能用款")])
async def test_a_line_that_cannot_be_used_is_not_offered(bank: Bank, over: bool, heard: str) -> None:
    loan = (await bank.core.list_loans([LINE]))[0].loan
    assert loan.line is not None
    line = loan.line.model_copy(update={"until": loan.started_on})
    bank.core.changes = {loan.loan_id: {"line": line} if over else {"overdue_days": 2, "overdue": 500}}
    talk = await make_talk(bank, LINE)
    listed = await hear(talk, "我的贷款")
    assert heard in listed
    assert "还能用" not in listed
    assert "用款" not in {each.title for each in (await talk.list_messages())[-1].buttons}
    for words in ("我要用款", "我想用款3万"):
        assert heard in (told := await hear(talk, words))
        assert not re.search("[\u3400-\u9fff]", to_english(told))


async def test_a_long_name_of_a_product_fits_on_a_button(bank: Bank) -> None:
    bank.core.changes = {"D7006-1": {"product_name": "乡村振兴" * 25}}
    talk = await make_talk(bank, TWO)
    assert "您有2笔贷款" in await hear(talk, "我的贷款")
    titles = [each.title for each in (await talk.list_messages())[-1].buttons]
    assert titles[0].endswith("…（尾号8560）")
