"""Resolves the ids and hashes in audit records to names, when they are read: the records hold none."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import hash_value
from desk.customer_repository import list_names
from desk.schemas import OPERATOR, AuditView
from desk.tables import Staff
from desk.wording import name_customer
from kit.masking import mask_personal_data
from privacy.rights.requests import list_requests

# Acts whose subject is a login, and those whose subject is the number of a data request.
LOGIN_SUBJECTS = frozenset(
    {
        *("sign_in_failed", "staff_added", "staff_changed", "work_handed_over", "password_changed", "password_set"),
        *("rights_proposed", "proposal_refused", "proposal_withdrawn"),
        *("second_factor_added", "second_factor_removed", "second_factor_reset", "second_factor_failed"),
        "recovery_codes_made",
    }
)
REQUEST_SUBJECTS = frozenset(
    {"data_request_decided", "data_copy_exported", "customer_erased", "identity_checked", "request_unmasked"}
)
REQUESTS_MAX = 1000  # customers ask for few a month; an older one keeps its number
_ID_LENGTH = 36


def is_reference(text: str) -> bool:
    """Whether it is an id or a hash. A login, which is shorter, may be spelled like any other word in a record."""
    return len(text) == _ID_LENGTH or text.startswith("#")


def name_request(number: str) -> str:
    """The key of a data request's customer among the names."""
    return f"data_request:{number}"


async def name_staff(session: AsyncSession) -> dict[str, str]:
    """What staff are called, by id and login, and what their details are by hash (numbers masked)."""
    names: dict[str, str] = {OPERATOR.id: OPERATOR.name}
    for staff in await session.scalars(select(Staff)):
        names |= dict.fromkeys((staff.id, staff.login), f"{staff.name}（{staff.login}）")
        for value in filter(None, (staff.name, staff.phone, staff.email, staff.wecom_id)):
            names[hash_value(session, value)] = mask_personal_data(value)
    return names


async def name_customers(session: AsyncSession, records: Sequence[AuditView]) -> dict[str, str]:
    """What the customers of these records are called, by the ids of customers, talks and applications in them.

    Those of data requests by `name_request`, and as the page 客户权利 calls them: 客户3F0A.
    """
    ids = {text for record in records for text in _list_texts([record.subject, record.details])}
    has_requests = any(record.action in REQUEST_SUBJECTS for record in records)
    requests = await list_requests(session, None, REQUESTS_MAX) if has_requests else ()
    return await list_names(session, ids) | {
        name_request(str(request.id)): name_customer(request.customer_id) for request in requests
    }


def pick_names(record: AuditView, names: dict[str, str]) -> dict[str, str]:
    """The names of what one record mentions."""
    mentioned = [text for text in _list_texts([record.staff_id, record.subject, record.details]) if is_reference(text)]
    if record.action in LOGIN_SUBJECTS:
        mentioned.append(record.subject)
    return {text: names[text] for text in dict.fromkeys(mentioned) if text in names}


def _list_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _list_texts(list(value.values()))
    elif isinstance(value, Collection):
        for each in value:
            yield from _list_texts(each)
