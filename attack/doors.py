"""The HTTP doors of all processes: their routes, what lets one in, and real bodies."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx

from attack.house import House
from attack.inputs import Inputs
from attack.parsers_of_messages import CALL, ENTRY, INTENTS, MESSAGES, TURN
from attack.samples import PAYLOADS, list_texts
from desk.entrance import COOKIE


@dataclass(frozen=True)
class Door:
    """A process as the attacker sees it: its routes, what lets one in, and real bodies."""

    name: str
    url: str
    routes: Sequence[tuple[str, str]]
    headers: Mapping[str, str] = field(default_factory=dict)
    make_body: Callable[[Inputs], tuple[str, bytes]] = lambda inputs: ("", b"")  # a query, and the body


async def list_doors(house: House) -> list[Door]:
    """The channels, the staff site and the services."""
    environment = house.stack.environment
    async with httpx.AsyncClient(base_url=house.url("gateway"), trust_env=False) as client:
        token = (await client.post("/webchat/sessions")).json()["token"]
    updates = [json.loads(path.read_bytes()) for path in sorted((PAYLOADS / "telegram").glob("*.json"))]
    documents = [path.read_bytes() for path in sorted((PAYLOADS / "wechat").glob("*.xml")) if path.stat().st_size]

    def pack(inputs: Inputs) -> tuple[str, bytes]:
        query, body = house.wechat.pack_xml(inputs.data(documents)[:50_000].decode(errors="replace"))
        return urlencode(query), body

    def pack_for_service(inputs: Inputs) -> tuple[str, bytes]:
        query, body = house.service.pack_xml(inputs.data([CALL.encode()])[:50_000].decode(errors="replace"))
        return urlencode(query), body

    def draw(*samples: object) -> Callable[[Inputs], tuple[str, bytes]]:
        return lambda inputs: (
            urlencode({"q": inputs.noise().encode(errors="replace").decode()}),
            _dump(inputs, samples),
        )

    def bear(name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {environment[f'XIAOHE_{name}_TOKEN']}"}

    def fill(inputs: Inputs) -> tuple[str, bytes]:
        names = ("login", "password", "next", "old", "new", "again", "session", "from", "to", "channel")
        fields = {name: inputs.text(list_texts(), 300).encode(errors="replace") for name in names}
        return urlencode(fields), urlencode(fields).encode()

    desk_url = house.url("desk")
    signed_in = {"Cookie": f"{COOKIE}={house.tokens['supervisor']}", "Origin": desk_url}
    filed = {"conversation_id": "c", "product": "farmer_loan", "amount": 50000, "term": 12, "name": "王", "phone": "1"}
    chat = [("POST", "/webchat/messages"), ("POST", "/webchat/messages"), ("GET", "/webchat/messages")]
    chat += [
        ("POST", "/webchat/typing"),
        ("GET", "/webchat/events"),
        ("GET", "/webchat/office"),
        ("GET", "/static/chat.js"),
    ]
    rasa = [("POST", "/turns"), ("POST", "/intents"), ("GET", "/slots"), ("POST", "/model/parse"), ("GET", "/")]
    staff = [
        ("POST", "/sign-in"),
        ("GET", "/sign-in"),
        ("GET", "/export/handoffs.csv"),
        ("GET", "/talks/x"),
        ("GET", "/"),
    ]
    staff += [("POST", "/password"), ("POST", "/seen"), ("GET", "/static/desk.css"), ("GET", "/sessions")]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    search = [("GET", "/v1/search"), ("POST", "/v1/evidence"), ("POST", "/v1/vectors"), ("GET", "/v1/entries/x")]
    texts = {"text": "怎么还款", "parts": ["还款"]}
    return [
        Door("web chat", house.url("gateway"), chat, {"Authorization": f"Bearer {token}"}, draw(*MESSAGES)),
        Door("WeChat", house.url("gateway"), [("POST", "/wechat"), ("GET", "/wechat")], {}, pack),
        Door(
            "WeCom customer service",
            house.url("gateway"),
            [("POST", "/wecom-service"), ("GET", "/wecom-service")],
            {},
            pack_for_service,
        ),
        Door(
            "Telegram",
            house.url("gateway"),
            [("POST", "/telegram")],
            {"X-Telegram-Bot-Api-Secret-Token": house.telegram.secret},
            draw(*updates),
        ),
        Door("staff site", desk_url, staff, signed_in | form, fill),
        Door(
            "applications",
            desk_url,
            [(method, f"/v1/{path}") for path in ("applications", "quota-checks") for method in ("POST", "GET")],
            bear("SERVICE"),
            draw(filed),
        ),
        Door(
            "visits",
            desk_url,
            [("POST", "/v1/visits"), ("GET", "/v1/visits/options"), ("POST", "/v1/visits/x/time")],
            bear("SERVICE"),
            draw({"conversation_id": "x", "starts_at": "2026-07-02T09:00:00+08:00", "place": "柳河镇"}),
        ),
        Door(
            "loans",
            desk_url,
            [("GET", "/v1/loans"), ("POST", "/v1/loans/x/requests")],
            bear("SERVICE"),
            draw({"conversation_id": "x", "kind": "drawdown", "amount": 1000}),
        ),
        Door("knowledge", house.url("knowledge"), search, bear("KNOWLEDGE"), draw(texts, {"texts": ["还款"]}, ENTRY)),
        Door(
            "scoring",
            house.url("scoring"),
            [("POST", "/v1/decisions"), ("GET", "/v1/decisions/x")],
            bear("SCORING"),
            draw(filed),
        ),
        Door("actions", house.url("actions"), [("POST", "/webhook"), ("GET", "/actions")], bear("ACTIONS"), draw(TURN)),
        Door("Rasa", house.url("rasa"), rasa, bear("RASA"), draw(TURN, INTENTS, {"text": "你好"})),
    ]


def _dump(inputs: Inputs, samples: Sequence[object]) -> bytes:
    value = inputs.json(samples, list_texts())
    if isinstance(value, dict) and "message_id" in value and inputs.dice.random() < 0.8:
        value["message_id"] = f"{inputs.dice.randrange(2**60):016x}"
    return inputs.dump(value)
