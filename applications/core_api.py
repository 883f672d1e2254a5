"""HTTP routes for the bank's core, which moves applications and reads where they stand; every request is signed."""

from collections.abc import Callable, Collection
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request

from applications import repository
from applications.api import IdempotencyKey
from applications.moves import move
from applications.schemas import CoreStatus, CoreStep, Move, StepView
from applications.service import ReadHours
from applications.signatures import require_signature
from applications.stages import Actor, load_process, next_stages
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError

CORE: tuple[Actor, ...] = ("bank_core",)
# The slots that a customer with a product may be asked to complete.
Askable = Callable[[str, int], Collection[str]]
SignatureHeader = Annotated[str, Header(max_length=200)]


def build_router(
    database: Database, secret: str, read_hours: ReadHours, askable: Askable, clock: Clock = read_clock
) -> APIRouter:
    """Routes under /v1/core/applications; without a secret they answer 404."""

    async def require_core(
        request: Request,
        x_xiaohe_timestamp: SignatureHeader = "",
        x_xiaohe_signature: SignatureHeader = "",
        idempotency_key: SignatureHeader = "",
    ) -> None:
        method, path, body = request.method, request.url.path, await request.body()
        signed = x_xiaohe_timestamp, x_xiaohe_signature, method, path, idempotency_key, body
        require_signature(secret, *signed, clock())

    router = APIRouter(prefix="/v1/core/applications", tags=["core"], dependencies=[Depends(require_core)])

    @router.post("/{number}/steps")
    async def take_step(number: str, change: Move, idempotency_key: IdempotencyKey) -> CoreStep:
        """Moves an application once for each key; the same key with the same body gets the same answer.

        404 for an unknown number, 409 if it is not in the `expected` stage (any more) or the key was used for something
        else, 403 and 422 for what the process does not allow.
        """
        hours = await read_hours()
        async with database.transaction() as session:
            application = await repository.find_by_number(session, number)
            if unknown := set(change.items) - {*askable(application.product, application.amount), *application.details}:
                raise RequestError(422, "unknown_items", f"no such items: {', '.join(sorted(unknown))}")
            key = f"core:{idempotency_key}"
            step = await move(session, application.id, change, CORE, now=clock(), hours=hours, key=key)
        return _show_step(number, StepView.model_validate(step))

    @router.get("/{number}")
    async def read_status(number: str) -> CoreStatus:
        """Where an application stands, what the core may make of it, and the steps so far."""
        async with database.reading() as session:
            application = await repository.find_by_number(session, number)
            steps = await repository.list_steps(session, application.id)
        return CoreStatus(
            number=application.number,
            stage=application.stage,
            who=load_process().stages[application.stage].who,
            due_at=application.due_at,
            reason_class=application.reason_class,
            items=application.items,
            next=next_stages(application.stage, CORE, application.kind),
            steps=[_show_step(number, step) for step in steps],
        )

    return router


def _show_step(number: str, step: StepView) -> CoreStep:
    who = load_process().stages[step.stage].who
    return CoreStep(number=number, before=step.before, stage=step.stage, who=who, due_at=step.due_at, at=step.at)
