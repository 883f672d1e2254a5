"""What an applicant hears about letting somebody gather their papers (帮办); the gateway does these acts itself."""

from conversations.schemas import ClaimedMessage, Reply, ReplyButton, TurnOutcome
from delegation.service import Code, Delegations
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.working_time import describe_moment
from understanding.schemas import Act

ACTS = frozenset({"delegate", "revoke_delegation"})
_MAKE = ReplyButton(title="生成帮办码", payload='/delegate{"is_confirmed": true}')
_REVOKE = ReplyButton(title="收回帮办码", payload="/revoke_delegation")


def _say(text: str, *buttons: ReplyButton) -> Reply:
    # `awaits_number`: a number that follows still answers the bot's earlier question.
    return Reply(text=text, buttons=list(buttons), awaits_number=True)


EXPLAINED = _say(
    "可以请家人或村里帮办的人备材料。给他一个帮办码，他只看得到要哪些材料、备好没有。"
    "看不到金额、电话和额度，也不能替您提交、撤回或同意。",
    _MAKE,
)
REVOKED = _say("帮办码收回了，对方再也看不到。", _MAKE)
NONE_TO_REVOKE = _say("现在没有能用的帮办码。", _MAKE)
REFUSALS = {
    "no_open_application": _say(
        "您还没有在办的申请，提交以后就能请人帮忙备材料。", ReplyButton(title="申请贷款", payload="/apply_for_loan")
    ),
    "phone_not_verified": _say(
        "请人帮忙前，要先验证您申请时留的手机号，确认是您本人。",
        ReplyButton(title="验证手机号", payload='/verify_phone{"then": "/delegate"}'),
    ),
}


class DelegationReplies:
    """Does the acts about delegations. `public_url` is where the page /help is found."""

    def __init__(self, delegations: Delegations, public_url: str, clock: Clock = read_clock) -> None:
        self._delegations = delegations
        self._address = f"{public_url.rstrip('/')}/help"
        self._clock = clock

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """The outcome of an act about delegations; None for any other."""
        if act.name not in ACTS:
            return None
        conversation_id = message.conversation_id
        if act.name == "revoke_delegation":
            was_live = await self._delegations.revoke(conversation_id)
            return TurnOutcome(replies=[REVOKED if was_live else NONE_TO_REVOKE])
        if not act.values.get("is_confirmed"):
            return TurnOutcome(replies=[EXPLAINED])
        try:
            return TurnOutcome(replies=[self._tell(await self._delegations.create(conversation_id))])
        except RequestError as refused:
            return TurnOutcome(replies=[REFUSALS[refused.code]])

    def _tell(self, code: Code) -> Reply:
        until = describe_moment(code.expires_at, self._clock())
        return _say(f"帮办码：{code.text}\n请对方打开{self._address}输入，{until}前有效。\n您随时可以收回。", _REVOKE)
