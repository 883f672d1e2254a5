"""The web application of the scoring process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Header, Response

from kit.clock import Clock, read_clock
from kit.database import Database
from kit.web import create_web_app
from products.following import follow_catalogue
from products.record import read_from
from scoring.policy_file import load_policies
from scoring.schemas import DecisionRequest, DecisionView
from scoring.service import DecisionService
from scoring.settings import ScoringSettings
from scoring.shadow import open_shadow

_Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100)]
_REFUSALS: dict[int | str, dict[str, Any]] = {
    409: {"description": "`idempotency_conflict`: the key was used for another request"},
    422: {"description": "`invalid_request`: the reason names the field"},
}


def create_app(settings: ScoringSettings, *, database: Database | None = None, clock: Clock = read_clock) -> FastAPI:
    """The application; leaves a database that is passed in open. Raises PolicyError when a policy file is invalid."""
    record = database or Database(settings.database_url, settings.open_vault())
    service = DecisionService(record, load_policies(), clock, open_shadow(settings.shadow_policy_folder))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(follow_catalogue(read_from(record, clock)))
        yield
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        if database is None:
            await record.close()

    token = settings.scoring_token.get_secret_value()
    app = create_web_app("小禾 scoring", checks={"database": record.check}, lifespan=lifespan, token=token)

    @app.post("/v1/decisions", response_model=DecisionView, responses=_REFUSALS, tags=["decisions"])
    async def create_decision(request: DecisionRequest, key: _Key) -> Response:
        """Makes a decision; repeating the same key and body returns the stored one."""
        # Written out here: FastAPI would validate again what was just made.
        return Response((await service.decide_once(request, key)).model_dump_json(), media_type="application/json")

    @app.get(
        "/v1/decisions/{decision_id}", responses={404: {"description": "`decision_not_found`"}}, tags=["decisions"]
    )
    async def read_decision(decision_id: str) -> DecisionView:
        """A stored decision, exactly as it was made."""
        return await service.get_decision(decision_id)

    return app
