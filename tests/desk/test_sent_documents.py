"""Pictures and files that agents send: who may, what is taken, once, and that they are no papers of the customer's."""

import pytest

from desk.customer_documents import CustomerDocuments
from desk.sent_documents import SentDocuments
from documents.service import Documents
from kit.errors import RequestError
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.documents.pictures import take_photograph
from tests.documents.samples import PDF

pytestmark = sqlite_only
PHOTOGRAPH = take_photograph()


@pytest.fixture
def pictures(office: Office) -> SentDocuments:
    return SentDocuments(office.database, Documents(office.database, clock=office.clock), office.clock)


async def test_a_picture_is_said_once_and_kept(office: Office, pictures: SentDocuments) -> None:
    an = await office.hire("an")
    talk = await office.ask()
    await office.talks.take(an, talk.id)
    for _ in range(2):  # a page that heard no answer
        said = await pictures.send(an, talk.id, PHOTOGRAPH, "key-1")
    words = await office.read_said(talk)
    assert [(message.text, message.document, message.staff_id) for message in words[1:]] == [
        ("[图片]", said.document, an.id)
    ]
    documents = Documents(office.database)
    kept = (await documents.read(said.document or "")).view
    assert (kept.sent_by, kept.expires_at is not None) == (an.id, True)
    assert await documents.list_of_conversations([talk.conversation_id]) == []
    looked = CustomerDocuments(office.database, documents, office.clock)
    assert (await looked.open(an, kept.id)).view == kept
    assert await looked.list_of_talk(talk.conversation_id) == {said.message_id: kept}


async def test_only_who_may_write_may_send_one(office: Office, pictures: SentDocuments) -> None:
    an, bo = await office.hire("an"), await office.hire("bo")
    boss, editor = await office.hire("chen", "supervisor"), await office.hire("ed", "editor")
    talk = await office.ask()
    with pytest.raises(RequestError, match="409"):
        await pictures.send(an, talk.id, PHOTOGRAPH, "key-1")
    await office.talks.take(an, talk.id)
    for staff, status in ((bo, "409"), (editor, "403")):
        with pytest.raises(RequestError, match=status):
            await pictures.send(staff, talk.id, PHOTOGRAPH, "key-1")
    assert (await pictures.send(boss, talk.id, PHOTOGRAPH, "key-2")).staff_id == boss.id
    await office.talks.close(an, talk.id, "solved", "好了")
    with pytest.raises(RequestError, match="没有发出"):
        await pictures.send(an, talk.id, PHOTOGRAPH, "key-3")
    assert len(await Documents(office.database).list_of_messages(talk.conversation_id)) == 1


@pytest.mark.parametrize(
    ("content", "status"), [(b"", "422"), (b"%PDF-1.7", "422"), (b"MZ" * 99, "422"), (b"\0" * 11 * 1024**2, "413")]
)
async def test_what_is_no_picture_is_refused_before_it_is_shown(
    office: Office, pictures: SentDocuments, content: bytes, status: str
) -> None:
    an = await office.hire("an")
    talk = await office.ask()
    await office.talks.take(an, talk.id)
    for act in (pictures.preview(content), pictures.send(an, talk.id, content, "key-1")):
        with pytest.raises(RequestError, match=status):
            await act
    assert len(await office.read_said(talk)) == 1


async def test_a_file_goes_with_its_name_where_the_channel_takes_one(office: Office, pictures: SentDocuments) -> None:
    an = await office.hire("an")
    talk = await office.ask()
    await office.talks.take(an, talk.id)
    said = await pictures.send(an, talk.id, PDF, "key-1", file_name="../还款计划.PDF")
    assert said.text == "[文件] 还款计划.pdf"
    kept = (await Documents(office.database).read(said.document or "")).view
    assert (kept.medium, kept.file_name, kept.sent_by) == ("file", "还款计划.pdf", an.id)
    with pytest.raises(RequestError, match="not_a_file"):
        await pictures.send(an, talk.id, b"MZ" * 99, "key-2", file_name="a.pdf")
    with pytest.raises(RequestError, match="发不了文件"):
        await pictures.describe("wechat", PDF, "a.pdf")
    assert len(await office.read_said(talk)) == 2


async def test_the_look_before_is_a_small_picture(pictures: SentDocuments) -> None:
    assert len(await pictures.preview(PHOTOGRAPH)) <= len(PHOTOGRAPH)
