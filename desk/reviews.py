"""Assigns a reviewer, one of the supervisors, to each application that is the credit department's to act on."""

import logging

from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from applications.schemas import ManagedApplication
from applications.stages import REVIEWED_STAGES
from desk import staff_repository
from desk.assignment import choose_reviewer
from desk.notifications import notifier
from desk.wording import describe_application
from kit.background import guard
from kit.clock import Clock
from kit.database import Database

log = logging.getLogger(__name__)

BATCH = 200
PATH = "/customers"


async def assign_reviewers(database: Database, clock: Clock) -> None:
    """Assigns a reviewer to each application under review without one, or whose reviewer left."""
    async with database.reading() as session:
        supervisors = await staff_repository.list_active_ids(session, "supervisor")
        unreviewed = await applications.list_unreviewed(session, supervisors, BATCH) if supervisors else []
    for application in unreviewed:
        with guard(log, "no reviewer could be assigned to application %s", application.id):
            async with database.transaction() as session:
                await assign_reviewer(session, application, clock)


async def assign_reviewer(session: AsyncSession, seen: ManagedApplication, clock: Clock) -> ManagedApplication:
    """Assigns a reviewer, who is notified, unless an active one has it; the application as it is then.

    The supervisors are locked, so that assignments count each other and nobody leaves meanwhile: a caller that has
    locked the application must have locked them before (desk/staff_changes.py).
    """
    if seen.stage not in REVIEWED_STAGES:
        return seen
    supervisors = [member.id for member in await staff_repository.lock_active(session, "supervisor")]
    application = await applications.get_application(session, seen.id, is_changed=True)
    is_reviewed = application.stage not in REVIEWED_STAGES or application.responsible_id in supervisors
    if is_reviewed or not supervisors:
        return application
    reviewer_id = choose_reviewer(supervisors, await applications.count_reviews(session, supervisors))
    await applications.set_reviewer(session, application.id, reviewer_id)
    key = f"review:{application.id}:{reviewer_id}"
    await notifier.add(session, reviewer_id, key, f"轮到您审核\n{describe_application(application)}", PATH, now=clock())
    return application.model_copy(update={"responsible_id": reviewer_id})
