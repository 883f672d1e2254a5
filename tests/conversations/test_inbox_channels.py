"""What channels differ in: buttons or numbers, codes that are scanned, windows, requests that can be answered."""

from typing import Any

import pytest

from conversations.handoff.schemas import HandoffView
from conversations.inbox import REPEAT_TIME, Inbox
from conversations.outbox import Confirmation, Outbox
from conversations.schemas import MessageView, PushGrant, Reply, ReplyButton, Window
from conversations.service import Conversations
from conversations.tables import Delivery, Message
from conversations.undelivered import Undelivered
from kit.database import Database
from kit.errors import RequestError
from tests.conversations.acts import Acts
from tests.conversations.talk import (
    ASK_AMOUNT,
    ASK_TRADE,
    HANDED_OVER,
    OWNER,
    count,
    hear,
    make_inbound,
    say,
    sqlite_only,
    talk,
)
from tests.fakes import FixedClock


async def press(inbox: Inbox, conversation: str, **inbound: Any) -> tuple[str, str | None]:
    """What a press is recorded as, and what it means to the bot."""
    claimed = await hear(inbox, conversation, inbound.pop("text", ""), message_id="press-123", **inbound)
    return claimed.message.text, claimed.payload


class TestButtons:
    FARMER = ("种地养殖", '/inform{"product": "农户贷"}')
    TRADER = ("开店摆摊", '/inform{"product": "商户贷"}')

    @pytest.fixture
    async def asked(self, inbox: Inbox, conversation: str) -> MessageView:
        """The customer sees two choices."""
        (reply,) = (await talk(inbox, conversation, "我想贷款", ASK_TRADE)).replies
        return reply

    async def test_a_button_says_its_title_and_carries_its_payload(
        self, inbox: Inbox, conversation: str, asked: MessageView
    ) -> None:
        assert [(b.title, b.number) for b in asked.buttons] == [("种地养殖", 1), ("开店摆摊", 2)]
        assert "inform" not in asked.model_dump_json()
        token = asked.buttons[1].token
        assert await press(inbox, conversation, button_token=token) == self.TRADER
        again, _ = await inbox.record(conversation, make_inbound("", message_id="press-123", button_token=token))
        assert again.message.text == "开店摆摊"

    async def test_a_button_may_stand_for_its_words(self, inbox: Inbox, conversation: str) -> None:
        invited = Reply(text="回复“测额度”可估算。", buttons=[ReplyButton(title="测额度", payload="/words")])
        (reply,) = (await talk(inbox, conversation, "能贷多少", invited)).replies
        await talk(inbox, conversation, "等一下", "好的。")
        assert await press(inbox, conversation, button_token=reply.buttons[0].token) == ("测额度", None)

    async def test_words_to_be_said_have_no_number(self, inbox: Inbox, conversation: str) -> None:
        invited = Reply(text="回复“测额度”可估算。", buttons=[ReplyButton(title="测额度", payload="/words")])
        more = ReplyButton(title="怎么还款？", payload='/ask_question{"entry": "repay"}')
        also = Reply(text="还想问：", buttons=[more])
        replies = (await talk(inbox, conversation, "能贷多少", invited, also)).replies
        assert [(b.title, b.number) for reply in replies for b in reply.buttons] == [
            ("测额度", None),
            ("怎么还款？", 1),
        ]

    async def test_an_older_confirmation_keeps_its_version(self, inbox: Inbox, conversation: str) -> None:
        submit = ReplyButton(title="提交", payload='/affirm{"of": "application_confirmed", "version": "1a"}')
        review = Reply(text="请核对。", buttons=[submit])
        (reviewed,) = (await talk(inbox, conversation, "8万", review)).replies
        await talk(inbox, conversation, "金额改成5万", review)
        assert await press(inbox, conversation, button_token=reviewed.buttons[0].token) == (
            submit.title,
            submit.payload,
        )

    async def test_a_button_of_another_conversation_is_refused(
        self, record: Conversations, inbox: Inbox, database: Database, asked: MessageView
    ) -> None:
        stranger = (await record.open_conversation("web", "li")).id
        for token in (asked.buttons[0].token, "made-up"):
            with pytest.raises(RequestError, match="422 unknown_button"):
                await inbox.record(stranger, make_inbound("", message_id="press-123", button_token=token))
        assert await record.list_messages(stranger) == []
        assert await count(database, Message) == 2

    @pytest.mark.parametrize(
        ("text", "may_be_choice", "understood"),
        [
            ("别的事", False, ("别的事", None)),
            ("别的事", True, ("别的事", None)),
            ("1", False, ("1", None)),
            ("1", True, FARMER),
        ],
    )
    @sqlite_only
    async def test_text_beside_an_unknown_button_counts_instead(
        self,
        inbox: Inbox,
        conversation: str,
        asked: MessageView,
        text: str,
        may_be_choice: bool,
        understood: tuple[str, str | None],
    ) -> None:
        given = {"button_token": "made-up", "text": text, "may_be_choice": may_be_choice}
        assert await press(inbox, conversation, **given) == understood

    @pytest.mark.parametrize(("text", "understood"), [("开店摆摊。", TRADER), ("2", TRADER), ("第一个", FARMER)])
    async def test_a_choice_is_taken_by_title_or_number_where_nothing_is_pressed(
        self, inbox: Inbox, conversation: str, asked: MessageView, text: str, understood: tuple[str, str]
    ) -> None:
        assert await press(inbox, conversation, text=text, may_be_choice=True) == understood

    async def test_an_entry_of_a_menu_carries_its_payload(
        self, inbox: Inbox, conversation: str, asked: MessageView
    ) -> None:
        understood = await press(inbox, conversation, text="查额度", payload="/check_quota", kind="event")
        assert understood == ("查额度", "/check_quota")

    async def test_only_what_was_shown_last_can_be_chosen(
        self, inbox: Inbox, conversation: str, asked: MessageView
    ) -> None:
        await talk(inbox, conversation, "等一下", "好的，您说。")
        assert await press(inbox, conversation, text="2", may_be_choice=True) == ("2", None)

    async def test_nothing_is_chosen_where_nothing_was_said(self, inbox: Inbox, conversation: str) -> None:
        assert await press(inbox, conversation, text="2", may_be_choice=True) == ("2", None)

    async def test_all_choices_of_a_turn_are_numbered_through(self, inbox: Inbox, conversation: str) -> None:
        others = Reply(text="或者？", buttons=[ReplyButton(title="转人工", payload="/request_human")])
        replies = (await talk(inbox, conversation, "你好", ASK_TRADE, "好的", others)).replies
        assert [[b.number for b in reply.buttons] for reply in replies] == [[1, 2], [], [3]]
        assert await press(inbox, conversation, text="3", may_be_choice=True) == ("转人工", "/request_human")

    async def test_a_number_answers_a_question_that_awaits_one(self, inbox: Inbox, conversation: str) -> None:
        (reply,) = (await talk(inbox, conversation, "我想贷款", ASK_AMOUNT)).replies
        assert [b.number for b in reply.buttons] == [None]
        assert await press(inbox, conversation, text="1", may_be_choice=True) == ("1", None)

    async def test_its_buttons_are_still_taken_by_title(self, inbox: Inbox, conversation: str) -> None:
        await talk(inbox, conversation, "我想贷款", ASK_AMOUNT)
        assert await press(inbox, conversation, text="还没想好", may_be_choice=True) == ("还没想好", "/inform_unsure")

    async def test_a_number_answers_the_question_even_after_choices_in_the_same_turn(
        self, inbox: Inbox, conversation: str
    ) -> None:
        # A digression inside a form: suggestions first, then the form's question again.
        await talk(inbox, conversation, "那个怎么弄", ASK_TRADE, ASK_AMOUNT)
        assert await press(inbox, conversation, text="2", may_be_choice=True) == ("2", None)


class TestGrants:
    async def test_a_scanned_code_marks_the_customer(
        self, inbox: Inbox, handoffs: Acts, conversation: str, waiting: HandoffView
    ) -> None:
        await say(inbox, conversation, "[扫码]", kind="event", source="village:3")
        await say(inbox, conversation, "你好")
        assert [h.source for h in await handoffs.list_open()] == ["village:3"]

    async def test_a_grant_renews_the_window_once(
        self, record: Conversations, inbox: Inbox, conversation: str, clock: FixedClock
    ) -> None:
        async def read_window() -> Window | None:
            return (await record.get_conversation(conversation)).window

        await say(inbox, conversation, "一")
        assert await read_window() is None
        await say(inbox, conversation, "二", grant=PushGrant(seconds=3600, messages=5))
        opened = await read_window()
        assert opened
        assert (opened.left, (opened.until - clock.now).total_seconds()) == (5, 3600)
        clock.move(minutes=5)
        await say(inbox, conversation, "二", grant=PushGrant(seconds=3600, messages=5))
        assert await read_window() == opened
        await say(inbox, conversation, "三")
        assert await read_window() == opened

    @pytest.mark.parametrize("grant", [PushGrant(seconds=60, messages=5), None], ids=["counted", "not counted"])
    async def test_what_was_deferred_is_sent_when_the_customer_writes_again(
        self,
        record: Conversations,
        inbox: Inbox,
        outbox: Outbox,
        undelivered: Undelivered,
        grant: PushGrant | None,
    ) -> None:
        conversation = (await record.open_conversation("telegram", "zhang")).id
        await talk(inbox, conversation, "一", "答一")
        (due,) = await outbox.claim(["telegram"], 5)
        await outbox.defer(due, "要等客户再来消息")
        assert await outbox.claim(["telegram"], 5) == []
        await say(inbox, conversation, "二", grant=grant)
        assert [d.id for d in await outbox.claim(["telegram"], 5)] == [due.id]
        assert await undelivered.list_all() == []


class TestPassiveReplies:
    @pytest.fixture
    async def conversation(self, record: Conversations) -> str:
        return (await record.open_conversation("telegram", "zhang")).id

    async def test_a_repeated_message_gets_the_passive_reply_only_when_its_answer_must_be_lost(
        self, inbox: Inbox, conversation: str, clock: FixedClock
    ) -> None:
        done = await talk(inbox, conversation, "你好", "您好", is_awaited=True)
        assert done.passive_reply_id
        clock.move(seconds=REPEAT_TIME.total_seconds())
        crossed, _ = await say(inbox, conversation, "你好")
        assert ([r.text for r in crossed.replies], crossed.passive_reply_id) == (["您好"], None)
        clock.move(seconds=0.001)
        assert (await say(inbox, conversation, "你好"))[0].passive_reply_id == done.passive_reply_id

    async def test_an_answer_given_is_given_again_only_to_who_did_not_get_it(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        done = await talk(inbox, conversation, "你好", "您好", is_awaited=True)
        assert done.passive_reply_id
        await outbox.confirm([Confirmation(done.passive_reply_id, 1, True)])
        at_once, _ = await say(inbox, conversation, "你好")
        assert ([r.text for r in at_once.replies], at_once.passive_reply_id) == (["您好"], None)
        clock.move(seconds=10)
        assert (await say(inbox, conversation, "你好"))[0].passive_reply_id == done.passive_reply_id

    async def test_what_was_pushed_is_passive_no_more(
        self, inbox: Inbox, outbox: Outbox, conversation: str, clock: FixedClock
    ) -> None:
        await talk(inbox, conversation, "你好", "您好")
        (due,) = await outbox.claim(["telegram"], 5)
        await outbox.record_part(due, 1, is_complete=True)
        clock.move(seconds=10)
        assert (await say(inbox, conversation, "你好"))[0].passive_reply_id is None

    async def test_silence_is_no_passive_reply(self, inbox: Inbox, conversation: str, database: Database) -> None:
        assert (await talk(inbox, conversation, "在吗", is_awaited=True)).passive_reply_id is None
        assert await count(database, Delivery) == 0

    async def test_an_answer_is_found_by_its_message_wherever_it_was_given(
        self, inbox: Inbox, other_inbox: Inbox, conversation: str
    ) -> None:
        claimed = await hear(inbox, conversation, "转人工")
        assert await other_inbox.find_answer(claimed.message.id) is None
        done, _ = await inbox.record_outcome(claimed, HANDED_OVER, owner=OWNER)
        found = await other_inbox.find_answer(claimed.message.id)
        assert found
        assert done
        assert (found.message.text, found.replies, found.holder) == ("转人工", done.replies, "queue")
