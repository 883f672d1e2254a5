"""The HTTP channel of the Rasa server: intents, turns, slots and forgetting for the gateway, and GET /healthz.

POST /model/parse?token=… is for measuring, in the demo on this machine.
"""

import asyncio
import functools
import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.server.answers import refuse
from bot.server.app import is_local
from bot.server.dialogue_state import INTERNAL, read_state
from bot.server.logs import request_id
from bot.server.payload import PayloadError, TurnRequest, read_forget_request, read_intents_request, read_turn
from bot.server.repeated import find_answers
from bot.server.tuned_models import shared_models
from bot.server.vectors import shared_source

log = logging.getLogger(__name__)
Handler = Callable[[Request], Awaitable[HTTPResponse]]

# Below the gateway's limit, so that the conversation's lock is released before the next try.
TURN_SECONDS = float(os.environ.get("XIAOHE_TURN_SECONDS", "3.5")) - 0.5
HEALTH_PROBE = "我要转人工客服"
HEALTH_INTENT = "request_human"
INTENTS_TOLD = 6


class GatewayChannel(InputChannel):
    """The gateway's channel: unlike Rasa's REST channel it requires a token, and answers faults with an error."""

    def __init__(self, token: str, *, is_measured: bool = False) -> None:
        """`is_measured`: POST /model/parse is there."""
        if not token:
            raise ValueError("credentials.yml: the channel needs a token (XIAOHE_RASA_TOKEN)")
        self._token = token
        self._is_measured = is_measured
        self._is_smoke_tested = False

    @classmethod
    def name(cls) -> str:
        """The name the tracker records."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "GatewayChannel":
        """Reads the token; measuring is for the demo, on this machine."""
        is_demo = os.environ.get("XIAOHE_ENVIRONMENT", "demo") == "demo"
        return cls(token=str((credentials or {}).get("token", "")), is_measured=is_demo and is_local(os.environ))

    def url_prefix(self) -> str:
        """The root, so that routes are not under /webhooks/."""
        return "/"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes: all there are in this server."""
        blueprint = Blueprint("gateway_channel")

        @blueprint.post("/intents")
        @self._guard
        async def tell_intents(request: Request) -> HTTPResponse:
            asked = read_intents_request(request.json)
            if asked.vector:
                shared_source().remember(asked.text, asked.vector, asked.fingerprint)
            agent = await shared_models().find(asked.fingerprint, request.app.ctx.agent)
            parsed = await agent.parse_message(asked.text)
            ranking = parsed["intent_ranking"][:INTENTS_TOLD]
            return response.json({"intents": {each["name"]: round(each["confidence"], 4) for each in ranking}})

        @blueprint.post("/turns")
        @self._guard
        async def take_turn(request: Request) -> HTTPResponse:
            turn = read_turn(request.json)
            request_id.set(f"{turn.conversation_id}/{turn.message_id}")
            try:
                collected = await asyncio.wait_for(self._take(turn, on_new_message, request.app), TURN_SECONDS)
            except asyncio.TimeoutError:
                log.error("turn %s took longer than %s s", turn.message_id, TURN_SECONDS)
                return refuse(504, "timeout", "the turn took too long")
            except Exception:
                log.exception("turn %s failed", turn.message_id)
                return refuse(500, "fault", "the turn failed; the fault is logged")
            log.info("replies: %d", len(collected.messages))
            return response.json(collected.describe())

        @blueprint.get("/slots")
        @self._guard
        async def tell_slots(request: Request) -> HTTPResponse:
            return response.json(await _read_slots(request.app, request.args.get("conversation_id", "")))

        @blueprint.post("/forget")
        @self._guard
        async def forget(request: Request) -> HTTPResponse:
            asked = read_forget_request(request.json)
            store = request.app.ctx.agent.tracker_store._tracker_store  # Rasa wraps ours
            if asked.before is not None:
                return response.json({"forgotten": store.forget_before(asked.before)})
            async with request.app.ctx.agent.lock_store.lock(asked.conversation_id):
                store.forget(asked.conversation_id)
            return response.json({"forgotten": 1})

        if self._is_measured:

            @blueprint.post("/model/parse")
            @self._guard_measuring
            async def parse(request: Request) -> HTTPResponse:
                return response.json(await request.app.ctx.agent.parse_message(read_intents_request(request.json).text))

        @blueprint.get("/healthz")
        async def answer_health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            is_ready = agent is not None and agent.is_ready() and await self._understands(agent)
            body = {"status": "ok" if is_ready else "unavailable"}
            return response.json(body, status=200 if is_ready else 503)

        return blueprint

    async def _take(
        self, turn: TurnRequest, on_new_message: Callable[[UserMessage], Awaitable[Any]], app: Sanic
    ) -> "CollectedTurn":
        collected, store = CollectedTurn(), app.ctx.agent.tracker_store._tracker_store  # Rasa wraps ours
        answers = await _find_answers(app, turn) if turn.is_repeated else None
        if answers is not None:
            for answer in answers:
                await collected.send_response(turn.conversation_id, answer)
            tracker = await store.retrieve(turn.conversation_id)
        else:
            message = UserMessage(
                turn.act["name"],
                collected,
                turn.conversation_id,
                parse_data=turn.parse_data,
                input_channel=self.name(),
                message_id=turn.message_id,
            )
            await on_new_message(message)
            tracker = store.take_saved(turn.conversation_id) or await store.retrieve(turn.conversation_id)
        collected.state = read_state(tracker, app.ctx.agent.domain, turn.message_id)
        collected.slots = _list_slots(tracker)
        return collected

    def _guard(self, handler: Handler, read_token: Callable[[Request], str] | None = None) -> Handler:
        """Lets only who knows the token in, and answers what is malformed."""
        read = read_token or _read_bearer

        @functools.wraps(handler)  # Sanic names routes after their functions
        async def guarded(request: Request) -> HTTPResponse:
            if not hmac.compare_digest(read(request).encode(errors="replace"), self._token.encode()):
                return refuse(401, "unauthorised", "the server's token is needed")
            try:
                return await handler(request)
            except PayloadError as error:
                return refuse(422, "invalid_request", str(error))

        return guarded

    def _guard_measuring(self, handler: Handler) -> Handler:
        return self._guard(handler, lambda request: request.args.get("token", ""))

    async def _understands(self, agent: Any) -> bool:
        # A classifier that failed to load only logs it at debug level, and then guesses.
        if not self._is_smoke_tested:
            parsed = await agent.parse_message(HEALTH_PROBE)
            self._is_smoke_tested = parsed["intent"]["name"] == HEALTH_INTENT
        return self._is_smoke_tested


class CollectedTurn(OutputChannel):
    """Collects the messages and requests of one turn; never raises, as that would lose the turn."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.handoff: dict[str, Any] | None = None
        self.is_understood = True
        self.state: dict[str, Any] = {}
        self.slots: dict[str, Any] = {}

    @classmethod
    def name(cls) -> str:
        """The name responses may be limited to."""
        return "gateway"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Takes a message with its buttons; `custom` holds requests to the gateway."""
        custom = message.get("custom") or {}
        self.handoff = custom.get("handoff") or self.handoff
        self.is_understood = self.is_understood and custom.get("understood", True)
        if message.get("text"):
            buttons = [{"title": b["title"], "payload": b["payload"]} for b in message.get("buttons") or []]
            action = message.get("utter_action") or ""
            asked = action.removeprefix("utter_ask_") if action.startswith("utter_ask_") else None
            said = {"text": message["text"], "buttons": buttons, "asked_slot": asked, "response": action}
            self.messages.append(said | {name: custom[name] for name in ("card", "entry") if custom.get(name)})

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Rasa's abstract method."""
        self.messages.append({"text": text, "buttons": [], "asked_slot": None})

    def describe(self) -> dict[str, Any]:
        """The body of the answer to the gateway."""
        handoff = {**self.handoff, "slots": self.slots} if self.handoff else None
        return {
            "messages": self.messages,
            "understood": self.is_understood,
            "handoff": handoff,
            "state": self.state,
        }


async def _find_answers(app: Sanic, turn: TurnRequest) -> list[dict[str, Any]] | None:
    # The first try may still be running here, though the process that asked is gone.
    async with app.ctx.agent.lock_store.lock(turn.conversation_id):
        tracker = await app.ctx.agent.tracker_store.retrieve(turn.conversation_id)
    return find_answers((event.as_dict() for event in tracker.events), turn.message_id) if tracker else None


async def _read_slots(app: Sanic, conversation_id: str) -> dict[str, Any]:
    tracker: DialogueStateTracker | None = await app.ctx.agent.tracker_store.retrieve(conversation_id)
    return _list_slots(tracker) if tracker else {}


def _list_slots(tracker: DialogueStateTracker) -> dict[str, Any]:
    return {k: v for k, v in tracker.current_slot_values().items() if v is not None and k not in INTERNAL}


def _read_bearer(request: Request) -> str:
    scheme, _, token = (request.headers.get("Authorization") or "").partition(" ")
    return token if scheme == "Bearer" else ""
