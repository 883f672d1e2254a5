"""What the papers of an application say, for its checks."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from documents.repository import list_of_application, list_of_conversations


async def read_facts(
    session: AsyncSession, application_id: str | None, conversation_ids: Collection[str]
) -> dict[str, str]:
    """By slot of the application's form; a later picture's stand for an earlier one's.

    Without an application: what the conversations have brought for one that is not handed in yet.
    """
    if application_id:
        papers = await list_of_application(session, application_id)
    else:
        sent = await list_of_conversations(session, conversation_ids)
        papers = [paper for paper in sent if paper.application_id is None]
    return {slot: text for paper in papers for slot, text in paper.facts.items()}
