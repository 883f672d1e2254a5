"""Who may see a person, and what customers handed in: papers and applications."""

from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from conversations.customers import CustomerView, find_customer_id, get_customer, list_conversation_ids
from conversations.people import list_person
from desk import customer_repository
from desk.roles import may
from desk.schemas import StaffView
from kit.errors import RequestError
from privacy.ledger import has_withdrawn
from privacy.purposes import SHARING

NOT_SERVED = "这位客户现在不由您接待，不能看他的材料和申请"


async def require_person(session: AsyncSession, staff: StaffView, customer_id: str) -> list[CustomerView]:
    """The customers of a person that one may see, for the manager of one, whoever serves one now, and supervisors.

    Whoever else took back the consent to be handed to a manager is left out. RequestError 403, 404.
    """
    person = await list_person(session, customer_id)
    if may(staff.role, "oversee"):
        return person
    own = [each for each in person if await _is_served(session, staff, each)]
    if not own:
        raise RequestError(403, "not_served", NOT_SERVED)
    return [each for each in person if each in own or not await has_withdrawn(session, each.id, SHARING)]


async def require_served(
    session: AsyncSession, staff: StaffView, conversation_id: str, application_id: str | None
) -> str:
    """The customer's id, for those who may see the person, and for the application's manager. RequestError 403, 404."""
    customer = await get_customer(session, await find_customer_id(session, conversation_id) or "")
    if application_id:
        application = await applications.get_application(session, application_id)
        if is_managed_by(staff, application.manager_id):
            return customer.id
    if customer not in await require_person(session, staff, customer.id):
        raise RequestError(403, "not_served", NOT_SERVED)
    return customer.id


def is_managed_by(staff: StaffView, manager_id: str | None) -> bool:
    """Whether they are the account manager of a customer or an application."""
    return may(staff.role, "customers") and manager_id == staff.id


def require_manager(staff: StaffView, manager_id: str | None) -> None:
    """Requires its account manager or a supervisor. RequestError 403."""
    if not is_managed_by(staff, manager_id) and not may(staff.role, "oversee"):
        raise RequestError(403, "not_yours", "这位客户不归您负责")


async def _is_served(session: AsyncSession, staff: StaffView, customer: CustomerView) -> bool:
    """Whether they manage the account, or talk to the customer now."""
    conversations = await list_conversation_ids(session, customer.id)
    return is_managed_by(staff, customer.manager_id) or (
        may(staff.role, "talk") and await customer_repository.is_served(session, conversations, staff.id)
    )
