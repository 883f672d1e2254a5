"""What becomes of a picture: by consent, by who answers, by what it says and by what fails."""

from typing import Any

import pytest
from sqlalchemy import update

from connectors.picture_message import SENT, write_payload
from connectors.wording import APOLOGY, PICTURE_BEFORE_CONSENT, PICTURE_NOT_FETCHED, PICTURE_UNASKED
from conversations.schemas import Reply, TurnOutcome
from conversations.tables import Conversation
from documents.decoding import BROKEN
from documents.scanning import AWAY
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError, ServiceUnavailable
from tests.connectors.papers import BLURRED, CARD, UNKNOWN, agree
from tests.connectors.talk import Talk, make_applications_client, make_pictures
from tests.documents.pictures import draw, encode
from tests.documents.test_service import file_application
from tests.fakes import FixedClock, ScriptedBot, ScriptedPictureReader

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
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
    text = f"{SENT} {caption}".strip()
    return await talk.write(text, kind="image", payload=write_payload(media="media-1"), **more)


async def stand_at(database: Database, talk: Talk, dialogue: dict[str, Any]) -> None:
    conversation_id = await talk.find_id()
    async with database.transaction() as session:
        await session.execute(update(Conversation).where(Conversation.id == conversation_id).values(dialogue=dialogue))


async def test_without_consent_it_is_neither_fetched_nor_read_nor_kept(
    talk: Talk, platform: Platform, reader: ScriptedPictureReader, documents: Documents, bot: ScriptedBot
) -> None:
    assert await send(talk) == [PICTURE_UNASKED.text]
    assert (platform.asked, reader.read_sizes, bot.acts) == ([], [], [])
    assert await documents.list_of_conversations([await talk.find_id()]) == []
    assert [button.title for button in (await talk.list_messages())[-1].buttons] == ["申请贷款"]


async def test_without_consent_the_open_form_asks_on(talk: Talk, database: Database, bot: ScriptedBot) -> None:
    await stand_at(database, talk, IN_FORM)
    bot.script = [TurnOutcome(replies=[Reply(text="您同意吗？")])]
    assert await send(talk) == [PICTURE_BEFORE_CONSENT.text, "您同意吗？"]
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


class TestFetching:
    @pytest.fixture(autouse=True)
    async def agreed(self, talk: Talk, database: Database) -> None:
        await agree(database, await talk.find_id())

    async def test_a_refused_picture_is_answered_with_the_reason(self, talk: Talk, platform: Platform) -> None:
        platform.content = encode(draw())[:500]
        assert await send(talk) == [f"{BROKEN}。"]

    async def test_what_the_platform_never_gives_is_said(self, talk: Talk, platform: Platform) -> None:
        platform.faults = [RequestError(410, "media_gone", "这张照片已经过期了，请再发一次")]
        assert await send(talk) == ["这张照片已经过期了，请再发一次。"]

    async def test_a_platform_that_is_away_is_asked_again_and_then_the_customer_is_told(
        self, talk: Talk, platform: Platform
    ) -> None:
        platform.faults = [ServiceUnavailable("down")] * 3
        with pytest.raises(ServiceUnavailable):
            await send(talk)
        assert await talk.take_again(attempt=3) == [PICTURE_NOT_FETCHED.text]

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
