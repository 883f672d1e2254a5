"""Prepared answers are found by what is in them, and changed by those who may; both are written down."""

import pytest

from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.canned import TEXT_MAX, TITLE_MAX, CannedAnswers
from desk.schemas import StaffView
from kit.database import Database
from kit.errors import RequestError
from products.variables import fill_variables
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"


@pytest.fixture
def canned(database: Database, clock: FixedClock) -> CannedAnswers:
    return CannedAnswers(database, clock)


@pytest.fixture
async def editor(accounts: Accounts) -> StaffView:
    return await accounts.add_staff("zhao", "赵一", "editor", PASSWORD)


async def list_titles(canned: CannedAnswers, words: str = "") -> list[str]:
    return [answer.title for answer in await canned.search(words)]


FOUND = {
    "": ["App下载", "减免", "材料"],
    "  ": ["App下载", "减免", "材料"],
    "材料": ["材料"],
    "身份证": ["材料"],
    " app ": ["App下载"],
    "HTTPS": ["App下载"],
    "50%": ["减免"],
    "%": ["减免"],
    "_": [],
    "身份证 材料": [],
    "'; drop table canned_answers; --": [],
}


async def test_words_are_found_in_titles_and_texts(canned: CannedAnswers, editor: StaffView) -> None:
    await canned.save(editor, "材料", "请带身份证和户口本")
    await canned.save(editor, "减免", "手续费减免50%")
    await canned.save(editor, "App下载", "请打开 https://bank.example 下载")
    assert {words: sorted(await list_titles(canned, words)) for words in FOUND} == FOUND


async def test_no_more_than_asked_for(canned: CannedAnswers, editor: StaffView) -> None:
    for number in range(3):
        await canned.save(editor, f"第{number}条", "内容")
    assert [answer.title for answer in await canned.search(limit=2)] == ["第0条", "第1条"]


async def test_one_is_changed_in_its_place(canned: CannedAnswers, editor: StaffView) -> None:
    await canned.save(editor, " 问候 ", " 您好\n请问有什么可以帮您 ")
    [answer] = await canned.search()
    assert (answer.title, answer.text) == ("问候", "您好\n请问有什么可以帮您")
    await canned.save(editor, "问候语", "您好", answer)
    [changed] = await canned.search()
    assert (changed.id, changed.title, changed.text) == (answer.id, "问候语", "您好")


async def test_half_an_emoji_and_control_characters_stop_nothing(canned: CannedAnswers, editor: StaffView) -> None:
    await canned.save(editor, "问候\ud83d", "您好\x00\ud83d")
    [answer] = await canned.search("问\ud83d候")
    assert (answer.title, answer.text) == ("问候", "您好")


async def test_who_did_what_is_written_down(
    canned: CannedAnswers, editor: StaffView, accounts: Accounts, database: Database
) -> None:
    supervisor = await accounts.add_staff("lin", "林主管", "supervisor", PASSWORD)
    await canned.save(editor, "问候", "您好")
    [answer] = await canned.search()
    await canned.remove(supervisor, answer.id)
    assert await canned.search() == []
    removed, saved = await AuditLog(database).list_records(2)
    assert (removed.action, removed.staff_id, removed.subject) == ("canned_removed", supervisor.id, "问候")
    assert (saved.action, saved.staff_id, saved.subject) == ("canned_saved", editor.id, "问候")


async def test_what_cannot_be_kept_is_refused(canned: CannedAnswers, editor: StaffView, database: Database) -> None:
    before = await AuditLog(database).list_records(10)
    too_long = ("问" * (TITLE_MAX + 1), "您好"), ("问候", "好" * (TEXT_MAX + 1))
    for title, text in (("", "您好"), ("问候", ""), (" \n", "您好"), *too_long):
        with pytest.raises(RequestError) as refused:
            await canned.save(editor, title, text)
        assert (refused.value.status, refused.value.code) == (422, "invalid_answer")
    assert await canned.search() == []
    assert await AuditLog(database).list_records(10) == before


async def test_the_longest_fits(canned: CannedAnswers, editor: StaffView) -> None:
    await canned.save(editor, "问" * TITLE_MAX, "好" * TEXT_MAX)
    [answer] = await canned.search()
    assert (len(answer.title), len(answer.text)) == (TITLE_MAX, TEXT_MAX)


async def test_what_a_colleague_changed_meanwhile_is_not_undone(canned: CannedAnswers, editor: StaffView) -> None:
    await canned.save(editor, "问候", "您好")
    [shown] = await canned.search()
    await canned.save(editor, "问候", "您好，请讲", shown)
    with pytest.raises(RequestError, match="409 changed_meanwhile"):
        await canned.save(editor, "问候", "喂", shown)
    assert [answer.text for answer in await canned.search()] == ["您好，请讲"]


async def test_one_removed_meanwhile_is_not_brought_back(
    canned: CannedAnswers, editor: StaffView, database: Database
) -> None:
    await canned.save(editor, "问候", "您好")
    [answer] = await canned.search()
    await canned.remove(editor, answer.id)
    before = await AuditLog(database).list_records(10)
    with pytest.raises(RequestError) as refused:
        await canned.save(editor, "问候", "您好！", answer)
    assert (refused.value.status, refused.value.code) == (404, "unknown_answer")
    assert await canned.search() == []
    assert await AuditLog(database).list_records(10) == before


async def test_what_is_gone_already_is_not_removed_again(
    canned: CannedAnswers, editor: StaffView, database: Database
) -> None:
    await canned.save(editor, "问候", "您好")
    await canned.save(editor, "材料", "请带身份证")
    [gone] = await canned.search("问候")
    await canned.remove(editor, gone.id)
    before = await AuditLog(database).list_records(10)
    await canned.remove(editor, gone.id)
    assert await list_titles(canned) == ["材料"]
    assert await AuditLog(database).list_records(10) == before


async def test_others_change_nothing(canned: CannedAnswers, editor: StaffView) -> None:
    await canned.save(editor, "问候", "您好")
    [answer] = await canned.search()
    for role in ("agent", "account_manager", "admin"):
        other = editor.model_copy(update={"role": role})
        for attempt in (canned.save(other, "问候", "滚"), canned.remove(other, answer.id)):
            with pytest.raises(RequestError) as refused:
                await attempt
            assert (refused.value.status, refused.value.code) == (403, "forbidden")
    assert await canned.search() == [answer]


async def test_its_figures_are_those_in_force(canned: CannedAnswers, editor: StaffView) -> None:
    written = "农户贷年利率{rate_min:农户贷}起，最高{amount_max:农户贷}。"
    await canned.save(editor, "利率", written)
    [answer] = await canned.search("利率")
    assert (answer.text, answer.said) == (written, fill_variables(written))
    assert "{" not in answer.said


@pytest.mark.parametrize("text", ["年利率{rate:房贷}", "{figure:农户贷}", "年利率{rate}"])
async def test_a_figure_that_nobody_has_is_refused(canned: CannedAnswers, editor: StaffView, text: str) -> None:
    with pytest.raises(RequestError, match="422 unknown_variable"):
        await canned.save(editor, "利率", text)
    assert await list_titles(canned) == []
