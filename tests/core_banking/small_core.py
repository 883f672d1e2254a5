"""A small core that speaks the documented contract over HTTP, and fails as it is told to."""

import asyncio
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from applications.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, require_signature
from core_banking.demo_core import DemoCore
from core_banking.interface import CoreRequest
from kit.clock import Clock
from kit.errors import RequestError, ServiceRefused

SILENT_SECONDS = 1.5  # longer than anybody waits
SECRET = "secret-of-the-core-of-the-bank"


class SmallCore:
    """The demo's loans behind signed routes. `script`: what becomes of the next calls.

    `silent`: it acts and does not answer in time; `down`: 500 without acting; `garbled`: an answer of no known shape.
    """

    def __init__(self, requests: Path, clock: Clock, *, secret: str = SECRET) -> None:
        self._core = DemoCore(requests, clock)
        self._clock = clock
        self._secret = secret
        self.script: list[str] = []
        self.keys: list[str] = []
        self.paths: list[str] = []
        self.app = FastAPI()
        self.app.add_api_route("/core/v1/{rest:path}", self._answer, methods=["POST"])

    async def _answer(self, request: Request) -> Response:
        body, path = await request.body(), request.url.path
        key = request.headers.get("Idempotency-Key", "")
        self.paths.append(path)
        self.keys.append(key)
        fault = self.script.pop(0) if self.script else ""
        if fault == "down":
            return JSONResponse({}, 500)
        try:
            signed = request.headers.get(TIMESTAMP_HEADER, ""), request.headers.get(SIGNATURE_HEADER, "")
            require_signature(self._secret, *signed, "POST", path, key, body, self._clock())
            content = await self._act(path, await request.json(), key)
        except (RequestError, ServiceRefused) as refused:
            return JSONResponse({"error": {"code": refused.code, "reason": refused.reason}}, refused.status)
        if fault == "silent":
            await asyncio.sleep(SILENT_SECONDS)
        return JSONResponse({"shape": "unknown"} if fault == "garbled" else content)

    async def _act(self, path: str, body: dict[str, Any], key: str) -> object:
        if path.endswith("/loans/search"):
            loans = await self._core.list_loans(body["phones"])
            return {"loans": [each.model_dump(mode="json") for each in loans]}
        if path.endswith("/reviews/search"):
            loans = await self._core.list_due_reviews(self._clock().date().fromisoformat(body["until"]))
            return {"loans": [each.model_dump(mode="json") for each in loans]}
        receipt = await self._core.request(CoreRequest.model_validate(body), key=key)
        return receipt.model_dump()
