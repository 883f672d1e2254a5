"""Why the bot answered as it did: what it chose then and how surely, and what the knowledge that was in force held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.turns import Turns
from desk.answer_sources import AnswerSources
from desk.entry_drafts import EntryDrafts
from desk.roles import require
from desk.schemas import StaffView
from forms.catalogue import load_catalogue
from kit.database import Database
from kit.errors import RequestError
from knowledge.hits import Hits
from understanding.choice import Choice, read_choice
from understanding.query import find_query, hide_personal
from understanding.read import read_message
from understanding.turn_masking import find_private, mask_replies, mask_turn

TURNS_MAX = 50
OTHERWISE = "按流程办理"
DONE: Mapping[str, str] = {
    "answer": "直接回答",
    "ask_question": "回答客户点的问题",
    "suggest": "请客户选",
    "none_of_these": "客户说都不是",
    "not_understood": "没看明白",
    "not_understood_again": "又没看明白，问要不要转人工",
    "not_looked_up": "知识服务没有响应",
    "repeat_answer": "客户没看懂，问要不要转人工",
    "danger": "先提醒安全，再转人工",
    "danger_possible": "问是不是遇到了危险",
    "request_human": "转人工",
    "request_account_manager": "转客户经理",
    "complain": "受理投诉",
    "check_quota": "开始测额度",
    "apply_for_loan": "开始申请贷款",
    "calculate_repayment": "开始算还款",
    "check_application_status": "查申请进度",
    "inform": "记下客户填的",
    "ask_back": "先问清楚",
    "greet": "打招呼",
    "thank": "回谢",
    "chitchat": "闲聊",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One of the bot's replies, masked, and the revision of the knowledge that it says, in words."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A turn, masked: what was done about it; `nearest` is the likeliest entry as it was then, `score` how surely.

    `asked` is what a form was asking for then.
    """

    turn_id: int
    at: datetime
    text: str
    done: str
    asked: str
    nearest: str
    score: float
    replies: Sequence[Said]


class Explanations:
    """For who looks after the knowledge; RequestError 403 for others, 404 for a conversation that was erased."""

    def __init__(self, database: Database, drafts: EntryDrafts) -> None:
        self._turns = Turns(database)
        self._sources = AnswerSources(database)
        self._drafts = drafts

    async def explain(
        self, staff: StaffView, conversation_id: str, turn_id: int | None = None
    ) -> Sequence[Explanation]:
        """One turn, or the last of a conversation, oldest first."""
        require(staff.role, "entries", "您的角色不能查看小禾为什么这么答")
        conversation = next(iter(await self._turns.list_of([conversation_id])), [])
        private = find_private(conversation)
        turns = [mask_turn(turn, private) for turn in conversation if turn_id in (None, turn.id)][-TURNS_MAX:]
        if not turns:
            raise RequestError(404, "gone", "这次对话已经删除")
        replies = await self._turns.read_replies([turn.id for turn in turns])
        choices = {turn.id: read_choice(turn) for turn in turns}
        said = [reply.entry for own in replies.values() for reply in own if reply.entry]
        names = await self._sources.describe([*said, *filter(None, map(_name_nearest, choices.values()))])
        return [
            Explanation(
                turn_id=turn.id,
                at=turn.at,
                text=turn.text,
                done=DONE.get(choices[turn.id].act, OTHERWISE),
                asked=_name_question(choices[turn.id]),
                nearest=names.get(_name_nearest(choices[turn.id]), ""),
                score=choices[turn.id].score,
                replies=[
                    Said(reply.text, names.get(reply.entry or "", ""))
                    for reply in mask_replies(replies[turn.id], private)
                ],
            )
            for turn in turns
        ]

    async def ask_again(self, staff: StaffView, explanation: Explanation) -> Hits | None:
        """What its text finds among the entries that were in force then."""
        query = find_query(hide_personal(read_message(explanation.text)).plain) or explanation.text
        return (await self._drafts.test_hit(staff, query, at=explanation.at)).past


def _name_nearest(choice: Choice) -> str:
    return f"{choice.entry_id}@{choice.revision}" if choice.entry_id and choice.revision else ""


def _name_question(choice: Choice) -> str:
    question = load_catalogue().questions.get(choice.asked)
    return question.label if question else ""
