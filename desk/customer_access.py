"""Who may see what a customer handed in: papers and applications."""

from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from conversations.customers import find_customer_id, get_customer
from desk import customer_repository
from desk.roles import may
from desk.schemas import StaffView
from kit.errors import RequestError

NOT_SERVED = "这位客户现在不由您接待，不能看他的材料和申请"


async def require_served(
    session: AsyncSession, staff: StaffView, conversation_id: str, application_id: str | None
) -> str:
    """The customer's id, for the customer's or the application's manager, whoever serves them now, and supervisors.

    RequestError 403, 404.
    """
    customer = await get_customer(session, await find_customer_id(session, conversation_id) or "")
    managers = {customer.manager_id}
    if application_id:
        managers.add((await applications.get_application(session, application_id)).manager_id)
    is_manager = may(staff.role, "customers") and staff.id in managers
    if not (is_manager or may(staff.role, "oversee")) and not (
        may(staff.role, "talk") and await customer_repository.is_served(session, [conversation_id], staff.id)
    ):
        raise RequestError(403, "not_served", NOT_SERVED)
    return customer.id
