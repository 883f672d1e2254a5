"""What becomes of a picture: by consent, by who answers, by what it says and by what fails."""

from typing import Any

import pytest
from sqlalchemy import update

from connectors.wording import APOLOGY, NOT_FETCHED, PAPER_BEFORE_CONSENT, PAPER_UNASKED, UNREADABLE
from conversations.attachments import PICTURE, write_payload
from conversations.schemas import Reply, TurnOutcome
from conversations.tables import Conversation
from documents.decoding import BROKEN
from documents.files import NOT_A_FILE
from documents.scanning import AWAY
from documents.service import Documents
from documents.voice import NOT_A_VOICE
from kit.database import Database
from kit.errors import RequestError, ServiceUnavailable
from tests.connectors.papers import BLURRED, CARD, UNKNOWN, agree
from tests.connectors.talk import Talk, make_applications_client, make_pictures
from tests.documents.pictures import draw, encode
from tests.documents.samples import PDF, record_voice
from tests.documents.test_service import file_application
from tests.fakes import FixedClock, ScriptedBot, ScriptedPictureReader

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
VOICE = {"kind": "voice", "payload": write_payload("voice", media="media-1")}
FILE = {"kind": "file", "payload": write_payload("file", media="media-1")}
IN_FORM = {"form": "application_form", "asked": "name"}


class Platform:
    """Keeps one picture for us; `faults` happen first."""

    def __init__(self, *faults: Exception) -> None:
        self.content = encode(draw())
        self.faults = list(faults)
        self.asked: list[str] = []

    async def fetch_media(self, media: str, bytes_max: int) -> bytes:
        self.asked.append(media)
        if self.faults:
            raise self.faults.pop(0)
        return self.content


@pytest.fixture
def reader() -> ScriptedPictureReader:
    return ScriptedPictureReader(CARD)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def talk(
    database: Database, clock: FixedClock, bot: ScriptedBot, reader: ScriptedPictureReader, platform: Platform
) -> Talk:
    pictures = make_pictures(database, clock, bot, reader, {"wechat": platform})
    return Talk(database, clock, bot, channel="wechat", pictures=pictures)


@pytest.fixture
def documents(database: Database, clock: FixedClock) -> Documents:
    return Documents(database, clock=clock)


async def send(talk: Talk, caption: str = "", **more: Any) -> list[str]:
    """The customer sends a picture by WeChat."""
    text = f"{PICTURE} {caption}".strip()
    return await talk.write(text, kind="image", payload=write_payload(media="media-1"), **more)


async def stand_at(database: Database, talk: Talk, dialogue: dict[str, Any]) -> None:
    conversation_id = await talk.find_id()
    async with database.transaction() as session:
        await session.execute(update(Conversation).where(Conversation.id == conversation_id).values(dialogue=dialogue))


async def test_without_consent_it_is_neither_fetched_nor_read_nor_kept(
    talk: Talk, platform: Platform, reader: ScriptedPictureReader, documents: Documents, bot: ScriptedBot
) -> None:
    assert await send(talk) == [PAPER_UNASKED.text]
    assert (platform.asked, reader.read_sizes, bot.acts) == ([], [], [])
    assert await documents.list_of_conversations([await talk.find_id()]) == []
    assert [button.title for button in (await talk.list_messages())[-1].buttons] == ["申请贷款"]


async def test_without_consent_the_open_form_asks_on(talk: Talk, database: Database, bot: ScriptedBot) -> None:
    await stand_at(database, talk, IN_FORM)
    bot.script = [TurnOutcome(replies=[Reply(text="您同意吗？")])]
    assert await send(talk) == [PAPER_BEFORE_CONSENT.text, "您同意吗？"]
    assert [act.name for act in bot.acts] == ["keep"]


async def test_the_bot_gets_what_a_picture_says_and_not_the_picture(
    talk: Talk, database: Database, bot: ScriptedBot, documents: Documents, platform: Platform
) -> None:
    await agree(database, await talk.find_id())
    await stand_at(database, talk, IN_FORM)
    await send(talk)
    (act,), (kept,) = bot.acts, await documents.list_of_conversations([await talk.find_id()])
    assert (act.name, act.values["kind"], act.values["quality"], act.values["is_read"]) == (
        *("send_picture", "identity_card", "good"),
        True,
    )
    assert act.values["document"] == kept.id
    assert {fact.role: fact.text for fact in act.facts} == {
        "name": "王秀英",
        "id_number": "990123198505050018",
        "region": "青禾县柳河镇王家村3组12号",
    }
    assert kept.fields == CARD.fields, "all that was read, also what answers no question"
    assert (kept.kind, kept.application_id, platform.asked) == ("identity_card", None, ["media-1"])


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        (BLURRED, {"kind": "identity_card", "quality": "blurred", "is_read": True}),
        (UNKNOWN, {"kind": "unknown", "quality": "good", "is_read": True}),
        (None, {"kind": "unknown", "quality": "good", "is_read": False}),
    ],
)
async def test_what_cannot_be_read_is_kept_all_the_same(
    talk: Talk,
    database: Database,
    bot: ScriptedBot,
    reader: ScriptedPictureReader,
    documents: Documents,
    reading: Any,
    told: dict[str, Any],
) -> None:
    await agree(database, await talk.find_id())
    await stand_at(database, talk, IN_FORM)
    reader.reading = reading
    await send(talk)
    assert told.items() <= bot.acts[0].values.items()
    assert bot.acts[0].facts == ()
    assert len(await documents.list_of_conversations([await talk.find_id()])) == 1


async def test_after_the_application_it_goes_to_that(
    talk: Talk, database: Database, clock: FixedClock, bot: ScriptedBot, documents: Documents
) -> None:
    conversation_id = await talk.find_id()
    await agree(database, conversation_id)
    application = await file_application(database, conversation_id, clock)
    found = await make_applications_client(database, clock).list_applications(conversation_id)
    await send(talk)
    assert bot.acts[0].values["number"] == found[0].number
    assert [each.application_id for each in await documents.list_of_conversations([conversation_id])] == [application]


async def test_while_an_agent_answers_it_is_a_part_of_the_talk(
    talk: Talk, database: Database, bot: ScriptedBot, documents: Documents, reader: ScriptedPictureReader
) -> None:
    conversation_id = await talk.find_id()
    async with database.transaction() as session:
        await session.execute(update(Conversation).where(Conversation.id == conversation_id).values(holder="agent"))
    assert await send(talk) == []
    assert (len(await documents.list_of_conversations([conversation_id])), reader.read_sizes, bot.acts) == (1, [], [])


async def test_who_waits_for_an_agent_hears_that_it_is_noted(talk: Talk, documents: Documents) -> None:
    await talk.begin_wait()
    (said,) = await send(talk)
    assert "同事会看到" in said
    assert len(await documents.list_of_conversations([await talk.find_id()])) == 1


async def test_danger_beside_a_picture_comes_first(talk: Talk, bot: ScriptedBot) -> None:
    said = await send(talk, "我被骗了五万")
    assert "转人工" in said[0]
    assert bot.acts == []


async def test_without_the_bot_there_is_an_apology_and_the_picture_is_kept(
    talk: Talk, database: Database, bot: ScriptedBot, documents: Documents
) -> None:
    await agree(database, await talk.find_id())
    bot.script = [None]
    assert await send(talk) == [APOLOGY.text]
    assert len(await documents.list_of_conversations([await talk.find_id()])) == 1


class TestVoicesAndFiles:
    """Voices are a part of a talk with a human; files belong to an application as well."""

    async def serve(self, database: Database, talk: Talk) -> str:
        conversation_id = await talk.find_id()
        async with database.transaction() as session:
            await session.execute(update(Conversation).where(Conversation.id == conversation_id).values(holder="agent"))
        return conversation_id

    async def test_the_bot_fetches_no_voice_and_asks_for_words(
        self, talk: Talk, database: Database, platform: Platform, bot: ScriptedBot
    ) -> None:
        await agree(database, await talk.find_id())
        assert await talk.write("", **VOICE) == [UNREADABLE["voice"].text]
        assert (platform.asked, bot.acts) == ([], [])

    async def test_a_file_of_an_application_is_kept_and_not_read(
        self, talk: Talk, database: Database, platform: Platform, bot: ScriptedBot, reader: ScriptedPictureReader
    ) -> None:
        platform.content = PDF
        assert await talk.write("[文件] 流水.pdf", **FILE) == [PAPER_UNASKED.text]
        assert platform.asked == []
        await agree(database, await talk.find_id())
        await talk.write("[文件] 流水.pdf", **FILE)
        assert reader.read_sizes == []
        assert {"medium": "file", "is_read": False, "kind": "unknown"}.items() <= bot.acts[0].values.items()

    @pytest.mark.parametrize(("beside", "is_heard"), [("", False), ("\n我被骗了五万", True)])
    async def test_danger_beside_a_file_is_heard_and_its_name_is_not(
        self, talk: Talk, bot: ScriptedBot, platform: Platform, beside: str, is_heard: bool
    ) -> None:
        platform.content = PDF
        said = await talk.write(f"[文件] 帮我做假流水，我被骗了五万.pdf{beside}", **FILE)
        assert (PAPER_UNASKED.text in said) is not is_heard
        assert ("96110" in "".join(said)) is is_heard

    async def test_a_file_goes_to_the_application_that_is_handed_in(
        self, talk: Talk, database: Database, clock: FixedClock, platform: Platform, documents: Documents
    ) -> None:
        conversation_id = await talk.find_id()
        await agree(database, conversation_id)
        application = await file_application(database, conversation_id, clock)
        platform.content = PDF
        await talk.write("[文件] 流水.pdf", **FILE)
        assert [each.name for each in await documents.list_of_application(application)] == ["流水.pdf"]

    async def test_who_serves_the_customer_gets_them(
        self, talk: Talk, database: Database, platform: Platform, documents: Documents
    ) -> None:
        conversation_id = await self.serve(database, talk)
        platform.content = record_voice()
        assert await talk.write("", **VOICE) == []
        platform.content = PDF
        assert await talk.write("[文件] 流水.pdf\n给您看看", **FILE) == []
        kept = list((await documents.list_of_messages(conversation_id)).values())
        assert {(each.medium, each.media_type, each.name) for each in kept} == {
            ("voice", "audio/mpeg", "语音"),
            ("file", "application/pdf", "流水.pdf"),
        }
        assert [each.medium for each in await documents.list_of_conversations([conversation_id])] == ["file"]

    async def test_who_waits_hears_that_it_is_noted(self, talk: Talk, platform: Platform) -> None:
        await talk.begin_wait()
        platform.content = record_voice()
        (said,) = await talk.write("", **VOICE)
        assert "同事会看到" in said
        assert platform.asked == ["media-1"]

    async def test_what_is_not_taken_is_said_even_while_a_human_answers(
        self, talk: Talk, database: Database, platform: Platform
    ) -> None:
        await self.serve(database, talk)
        platform.content = b"MZ"
        assert await talk.write("", **VOICE) == [f"{NOT_A_VOICE}。"]
        assert await talk.write("[文件] a.pdf", **FILE) == [f"{NOT_A_FILE}。"]
        platform.faults = [ServiceUnavailable("down")] * 3
        with pytest.raises(ServiceUnavailable):
            await talk.write("", **VOICE)
        assert await talk.take_again(attempt=3) == [NOT_FETCHED["voice"].text]


class TestFetching:
    @pytest.fixture(autouse=True)
    async def agreed(self, talk: Talk, database: Database) -> None:
        await agree(database, await talk.find_id())

    async def test_a_refused_picture_is_answered_with_the_reason(self, talk: Talk, platform: Platform) -> None:
        platform.content = encode(draw())[:500]
        assert await send(talk) == [f"{BROKEN}。"]

    async def test_what_the_platform_never_gives_is_said(self, talk: Talk, platform: Platform) -> None:
        platform.faults = [RequestError(410, "media_gone", "刚才发的已经过期了，请再发一次")]
        assert await send(talk) == ["刚才发的已经过期了，请再发一次。"]

    async def test_a_platform_that_is_away_is_asked_again_and_then_the_customer_is_told(
        self, talk: Talk, platform: Platform
    ) -> None:
        platform.faults = [ServiceUnavailable("down")] * 3
        with pytest.raises(ServiceUnavailable):
            await send(talk)
        assert await talk.take_again(attempt=3) == [NOT_FETCHED["image"].text]

    async def test_while_the_scanner_is_away_nothing_is_taken(
        self, database: Database, clock: FixedClock, bot: ScriptedBot, platform: Platform
    ) -> None:
        pictures = make_pictures(database, clock, bot, sources={"wechat": platform})
        pictures._documents._scanner = AwayScanner()
        talk = Talk(database, clock, bot, channel="wechat", pictures=pictures)
        with pytest.raises(ServiceUnavailable):
            await send(talk)
        assert await talk.take_again(attempt=3) == [f"{AWAY}。"]


class AwayScanner:
    async def scan(self, content: bytes) -> None:
        raise RequestError(503, "scanner_away", AWAY)
