"""What members of a running campaign hear: their pre-approved quota once by itself, and when they ask for a quota."""

from campaigns.greetings import Greetings
from campaigns.wording import answer_quota, describe, greet
from conversations.schemas import ClaimedMessage, TurnOutcome
from understanding.schemas import Act


class CampaignReplies:
    """Greets members whose phone was verified, and answers them; nothing is said while a form is open."""

    def __init__(self, greetings: Greetings) -> None:
        self._greetings = greetings

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """The quota of a member who only asks for one; None for any other act, and for everybody else."""
        is_asked = act.name == "check_quota" and not act.facts and not act.values.get("is_anew")
        if not is_asked or message.holder != "bot" or message.dialogue.get("form"):
            return None
        invitation = await self._greetings.find(message.conversation_id)
        return TurnOutcome(replies=[answer_quota(invitation)]) if invitation else None

    async def greet(self, outcome: TurnOutcome, message: ClaimedMessage) -> TurnOutcome:
        """The outcome, with the greeting behind it where one is due."""
        dialogue = outcome.dialogue or message.dialogue
        is_busy = outcome.handoff or any(dialogue.get(name) for name in ("form", "question", "verifying"))
        if message.holder != "bot" or is_busy or not outcome.replies:
            return outcome
        invitation = await self._greetings.take(message.conversation_id, message.message.id)
        if invitation is None or any(describe(invitation) in reply.text for reply in outcome.replies):
            return outcome
        return outcome.model_copy(update={"replies": [*outcome.replies, greet(invitation)]})
