"""Pictures that editors add: kept while something names them, and an answer names none that is gone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.answer_pictures import BYTES_MAX, AnswerPictures
from desk.entry_drafts import EntryDrafts
from desk.entry_edits import EntryEdits
from desk.entry_table import make_entry_table
from desk.schemas import StaffView
from kit.errors import InvalidFields, RequestError
from knowledge.links import add_picture
from knowledge.rows import EntryRow
from knowledge.tables import AnswerPicture
from privacy.retention import load_retention
from privacy.rights.expiry import RetentionRunner
from tests.desk.office import Office
from tests.desk.test_entry_drafts import RATE, drafts, knowledge, write
from tests.documents.pictures import draw, encode

__all__ = ["drafts", "knowledge"]
COLOURS = ("red", "green", "blue", "grey")


@pytest.fixture
def pictures(office: Office) -> AnswerPictures:
    return AnswerPictures(office.database, office.clock)


async def list_kept(office: Office) -> set[str]:
    async with office.database.reading() as session:
        return set(await session.scalars(select(AnswerPicture.name)))


async def test_what_nothing_names_goes_in_time(
    office: Office, pictures: AnswerPictures, drafts: EntryDrafts, editor: StaffView
) -> None:
    named, typed, unnamed, last = [encode(draw(colour=colour)) for colour in COLOURS]
    names = [await pictures.add(editor, content) for content in (named, typed, unnamed)]
    await write(drafts, editor, answer_wechat=add_picture("点菜单。", "菜单在哪里", names[0]))
    office.clock.now += load_retention().find_time("edit") + timedelta(minutes=1)
    edit = {"question": "", "answer": add_picture("", "流程", names[1])}
    await EntryEdits(office.database, office.clock).keep(editor, "new", edit, "", None)
    names.append(await pictures.add(editor, last))
    assert await list_kept(office) == set(names)
    assert (await RetentionRunner(office.database).run(office.clock.now))["edit"] == 1
    assert await list_kept(office) == {names[0], names[1], names[3]}


async def test_an_answer_names_no_picture_that_is_gone(
    pictures: AnswerPictures, drafts: EntryDrafts, editor: StaffView, office: Office
) -> None:
    gone = add_picture("年利率见图。", "利率表", "0" * 32 + ".jpg")
    with pytest.raises(InvalidFields) as refused:
        await write(drafts, editor, answer=gone)
    assert refused.value.problems == {"answer": "图片已经不在，请重新加"}
    name = await pictures.add(editor, encode(draw()))
    there = add_picture("年利率见图。", "利率表", name)
    draft = await write(drafts, editor, answer=there)
    table = make_entry_table(drafts.topic, office.clock)
    found = []
    for answer, known in ((there, {"loan-rate": [draft]}), (there, {}), (gone, {"loan-rate": [draft]})):
        row = EntryRow(id="loan-rate", **RATE | {"answer": answer})
        found.append(table.make_check([row], drafts.read_today(), known)(row))
    assert [sorted(problems) for problems in found] == [[], ["answer"], ["answer"]]


async def test_who_may_add_one_and_what(pictures: AnswerPictures, editor: StaffView, office: Office) -> None:
    with pytest.raises(RequestError) as refused:
        await pictures.add(await office.hire("li", "agent"), encode(draw()))
    assert refused.value.status == 403
    for content, status in ((b"x" * (BYTES_MAX + 1), 413), (b"<svg/>", 422), (b"", 422)):
        with pytest.raises(RequestError) as refused:
            await pictures.add(editor, content)
        assert refused.value.status == status
    assert await list_kept(office) == set()
