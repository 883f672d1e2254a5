"""Unanswered questions on the staff site: what is missing in the knowledge, and what the editors do about it."""

from collections.abc import Sequence
from datetime import timedelta

from conversations.schemas import STAFF_KEY
from conversations.service import Conversations
from conversations.turns import Turns
from desk.audit import record
from desk.roles import require
from desk.schemas import StaffView
from kit.clock import Clock, read_clock
from kit.database import Database
from unanswered import repository, service
from unanswered.schemas import ClusterView, Order, State
from understanding.turn_masking import find_private, list_private_words, mask_text

# An agent's answer to a question comes within this, in one of the messages after it.
ANSWERED_WITHIN = timedelta(hours=24)
MESSAGES_AFTER = 20
ANSWER_LEAST = 8  # characters: 您好 is none
ANSWERS_SHOWN = 3


class UnansweredQuestions:
    """Reads and decides on clusters; RequestError 403 without the permission, 409 after a colleague's act."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._conversations = Conversations(database, clock)
        self._turns = Turns(database)
        self._clock = clock

    async def list_all(
        self, staff: StaffView, state: State, order: Order, limit: int
    ) -> tuple[Sequence[ClusterView], int]:
        """The first of the clusters in a state, and how many there are."""
        require(staff.role, "entries", "您的角色不能查看没答上的问题")
        async with self._database.reading() as session:
            return await repository.list_clusters(session, state, order, self._clock(), limit)

    async def dismiss(self, staff: StaffView, cluster: ClusterView) -> None:
        """The bank does not want to answer this; it stays dismissed whatever comes."""
        await self._decide(staff, cluster, "dismissed")

    async def reopen(self, staff: StaffView, cluster: ClusterView) -> None:
        """Puts it back among the open ones."""
        await self._decide(staff, cluster, "open")

    async def note_draft(self, staff: StaffView, cluster: ClusterView, entry_id: str) -> None:
        """An entry was drafted for it; it is open again when the question is asked in vain after that."""
        await self._decide(staff, cluster, "drafted", entry_id)

    async def list_agent_answers(self, staff: StaffView, cluster: ClusterView) -> list[str]:
        """What agents answered in the talks that these questions led to, masked, each once."""
        require(staff.role, "draft_entries", "您的角色不能修改知识")
        found: dict[str, None] = {}
        turns = await self._turns.list_of({question.conversation_id for question in cluster.questions})
        private = frozenset().union(*map(find_private, turns))
        for question in cluster.questions:
            if "handed_over" not in question.reasons or len(found) >= ANSWERS_SHOWN:
                continue
            messages = await self._conversations.list_messages(
                question.conversation_id, after_id=question.turn_id, limit=MESSAGES_AFTER
            )
            for message in messages:
                is_typed = (message.message_id or "").startswith(STAFF_KEY)  # the greeting is not
                is_answer = message.author == "agent" and is_typed and len(message.text) >= ANSWER_LEAST
                if is_answer and message.at - question.at <= ANSWERED_WITHIN:
                    found.setdefault(mask_text(message.text, private.union(list_private_words(message.text))))
        return list(found)[:ANSWERS_SHOWN]

    async def _decide(self, staff: StaffView, cluster: ClusterView, state: State, entry_id: str | None = None) -> None:
        require(staff.role, "draft_entries", "您的角色不能处理没答上的问题")
        now = self._clock()
        async with self._database.transaction() as session:
            await service.decide(session, cluster, state, staff.id, now, entry_id)
            await record(session, now, staff.id, f"questions_{state}", entry_id or "", questions=cluster.count)
