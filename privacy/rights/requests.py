"""Requests about their data that a human has to decide: made by customers, decided by the data officer."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.outgoing import say
from conversations.schemas import Reply
from conversations.tables import Conversation
from kit.errors import RequestError
from privacy import ledger
from privacy.rights.export import collect, write_page
from privacy.rights.summary import lock_conversation
from privacy.schemas import Identity, RequestKind, RequestState, RequestView
from privacy.tables import DataRequest
from verification.repository import list_verified

ANSWER_LENGTH_MAX = 300
ANSWERED = "您关于个人信息的请求有了答复："


async def add_request(
    session: AsyncSession,
    conversation: Conversation,
    kind: RequestKind,
    claim: str,
    *,
    key: str,
    now: datetime,
    due_at: datetime,
) -> RequestView:
    """Records what the customer asks for; the same key is one request, and so are all open claims of a kind."""
    key = ledger.hash_key(session, key)
    is_open = DataRequest.conversation_id == conversation.id, DataRequest.kind == kind, DataRequest.state == "open"
    for known in await session.scalars(select(DataRequest).where(or_(DataRequest.key == key, and_(*is_open)))):
        if known.key != key and claim not in known.claim.split("\n"):
            known.claim = f"{known.claim}\n{claim}"
        return RequestView.model_validate(known)
    row = DataRequest(
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        kind=kind,
        claim=claim,
        state="open",
        asked_at=now,
        due_at=due_at,
        answer="",
        key=key,
    )
    session.add(row)
    await session.flush()
    await ledger.record(
        session,
        now,
        "requested",
        conversation.customer_id,
        channel=conversation.channel,
        key=f"request/{row.id}",
        details={"request": row.id, "kind": kind},
    )
    return RequestView.model_validate(row)


async def list_requests(session: AsyncSession, state: RequestState | None, limit: int) -> list[RequestView]:
    """Requests in a state, or all: open ones by their deadline, then the last decided first."""
    query = select(DataRequest).order_by(DataRequest.decided_at.is_not(None), DataRequest.decided_at.desc())
    query = query.order_by(DataRequest.due_at, DataRequest.id).limit(limit)
    if state:
        query = query.where(DataRequest.state == state)
    return [RequestView.model_validate(row) for row in await session.scalars(query)]


def read_answer(text: str) -> str:
    """What staff wrote to the customer; RequestError 422 for nothing or too much."""
    answer = text.strip()
    if not answer or len(answer) > ANSWER_LENGTH_MAX:
        raise RequestError(422, "no_answer", f"请写明给客户的答复，最多{ANSWER_LENGTH_MAX}个字")
    return answer


async def lock_open_request(session: AsyncSession, request_id: int, kind: RequestKind | None = None) -> DataRequest:
    """A request that is still to be decided, locked; RequestError 404 for none of the kind, 409 if it is decided."""
    row = await session.get(DataRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None or kind not in (None, row.kind):
        raise RequestError(404, "no_such_request", "没有这个请求")
    if row.state != "open":
        raise RequestError(409, "already_decided", "同事已经答复了这个请求")
    return row


async def record_identity(session: AsyncSession, request_id: int, identity: Identity) -> None:
    """Staff made sure who asks. RequestError as lock_open_request."""
    (await lock_open_request(session, request_id)).identity = identity


async def require_identity(session: AsyncSession, request_id: int) -> None:
    """Nothing is given out, erased or changed for somebody who only says who they are; a consent ends without proof."""
    row = await session.get(DataRequest, request_id)
    if row is None or row.identity or row.kind == "withdrawal":
        return
    if not (await list_verified(session, [row.conversation_id]))[row.conversation_id]:
        raise RequestError(422, "no_identity", "请先核实是本人，并在“身份”里记下")


async def read_copy(session: AsyncSession, request_id: int, *, staff_id: str, now: datetime) -> str:
    """The copy that a request asks for, as an HTML page, recorded; until the request is decided.

    RequestError as lock_open_request.
    """
    row = await lock_open_request(session, request_id, "access")
    sections = await collect(session, row.conversation_id, now)
    await ledger.record(session, now, "exported", row.customer_id, staff_id=staff_id, details={"request": row.id})
    return write_page(sections, now)


async def decide_request(
    session: AsyncSession,
    request_id: int,
    state: RequestState,
    answer: str,
    *,
    staff_id: str,
    now: datetime,
    corrected: Sequence[str] = (),
) -> RequestView:
    """Decides a request, tells the customer the answer, and records that it was answered.

    What the answer says was done is recorded by whatever did it; only fields `corrected` in the same transaction are
    recorded here. RequestError as lock_open_request.
    """
    row = await lock_open_request(session, request_id)
    row.state, row.answer, row.decided_at, row.staff_id = state, answer, now, staff_id
    conversation = await lock_conversation(session, row.conversation_id)
    add = partial(ledger.record, session, now, channel=conversation.channel, staff_id=staff_id)
    if corrected:
        await add("corrected", row.customer_id, details={"request": row.id, "fields": sorted(corrected)})
    await add(
        "refused" if state == "refused" else "answered",
        row.customer_id,
        key=f"request/{row.id}/decided",
        details={"request": row.id, "kind": row.kind},
    )
    await say(session, conversation, [Reply(author="system", text=f"{ANSWERED}{answer}")], now)
    if conversation.customer_id != row.customer_id:  # erased since: nothing leads from the old id to the new one
        row.conversation_id = ""
    return RequestView.model_validate(row)
