"""What is drafted for an agent out of a talk: its summary, and with a language model the next words."""

from contextlib import suppress
from datetime import timedelta

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.schemas import MessageView
from conversations.service import Conversations
from desk.drafted_summary import draft_summary
from desk.handoff_summary import summarise_handoff
from desk.language_model import AWAY, LanguageModel
from kit.errors import RequestError

# What was said just before a human was asked for belongs to the talk.
BEFORE_REQUEST = timedelta(minutes=30)


class TalkDrafts:
    """Drafts; without a `model`, or while it does not answer, a summary is made of the record."""

    def __init__(self, handoffs: HandoffQueries, conversations: Conversations, model: LanguageModel | None) -> None:
        self._handoffs = handoffs
        self._conversations = conversations
        self._model = model

    async def draft_summary(self, handoff: HandoffView) -> str:
        """What the record tells of a talk, in the words of the language model if there is one and it answers."""
        story, said = await self._handoffs.read_story(handoff.id), await self._read_talk(handoff)
        if self._model and said:
            with suppress(RequestError):
                return await self._model.draft_summary(said, handoff.name)
        return draft_summary(said, summarise_handoff(story.slots, story.failed_questions))

    async def draft_reply(self, handoff: HandoffView) -> str:
        """The agent's next words as the language model would say them; RequestError 503 without."""
        if self._model is None:
            raise RequestError(503, "no_draft", AWAY)
        return await self._model.draft_reply(await self._read_talk(handoff), handoff.name)

    async def _read_talk(self, handoff: HandoffView) -> list[MessageView]:
        said = await self._conversations.list_last_messages(handoff.conversation_id)
        return [message for message in said if message.at >= handoff.requested_at - BEFORE_REQUEST]
