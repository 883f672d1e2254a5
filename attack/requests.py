"""Fuzzes the HTTP doors: odd methods, paths, headers and bodies, with the right credentials and without."""

import asyncio
import gzip
from random import Random

from attack.doors import Door, list_doors
from attack.exchange import ANSWER_SECONDS, Exchanged, exchange
from attack.house import House
from attack.inputs import Inputs
from attack.row import Row

GOAL = 3000
AT_ONCE = 8
ON_SANIC = ("actions", "rasa")  # it logs a traceback of its own for each malformed address
HALF_SECONDS = 1.0  # for an answer to half a request
GROWTH_MAX = 300_000_000  # bytes of memory
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "GETT", "é", "")
TYPES = (
    "application/json",
    "text/xml",
    "text/plain",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "",
    "é",
)
TYPES_OF_FORMS = ("application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json;charset=x")
PATHS = (
    *(
        "/../../etc/passwd",
        "/static/../../kit/settings.py",
        "/static/..%2f..%2fkit%2fsettings.py",
        "/%00",
        "/%",
        "/%ff",
    ),
    *(
        "//evil.example/",
        "/" + "a" * 9000,
        "/?" + "a=b&" * 3000,
        "/;x=y",
        "/static/%2e%2e/x",
        "*",
        "http://evil.example/",
    ),
    *("/docs", "/openapi.json", "/healthz/", "/é", "/\x01", "/talks/' OR 1=1 --", "/_nicegui_ws/socket.io/?EIO=4"),
)
HEADERS = (
    *("Host: evil.example", "Host:", "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5"),
    *(
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Expect: 100-continue",
        "Content-Encoding: gzip",
    ),
    *(
        "X-Forwarded-For: 1.2.3.4, é",
        "X-Request-ID: a b",
        f"X-Long: {'a' * 70000}",
        "Cookie: xiaohe_staff=\x00",
        "Range: bytes=0-1",
    ),
    *(
        "Last-Event-ID: -1",
        "Last-Event-ID: 99999999999999999999",
        "Last-Event-ID: x",
        "Upgrade: websocket",
        "Connection: upgrade",
    ),
    *(
        "Authorization: Bearer",
        "Authorization: Basic é",
        "Authorization: Bearer ../../",
        "Origin: null",
        "X-A: b\r\n c",
        "broken",
    ),
    *("Accept: text/event-stream", "If-None-Match: *", "X-HTTP-Method-Override: DELETE", "Accept-Language: *;q=é"),
)
BOMB = gzip.compress(b"0" * 20_000_000)


async def fuzz_requests(dice: Random, seconds: float, house: House) -> list[Row]:
    """A row for each door, and one for the processes as a whole."""
    before, logged = house.count_memory(), house.count_tracebacks()
    doors = await list_doors(house)
    rows = [await fuzz_door(door, Inputs(dice), seconds / len(doors)) for door in doors]
    whole = Row("http: processes afterwards", len(before), seconds)
    ended = house.stack.find_ended()
    whole.check(ended is None, ended, "a process died")
    for name, bytes_before in before.items() if ended is None else ():
        whole.next_try()
        grown = house.count_memory()[name] - bytes_before
        whole.check(grown < GROWTH_MAX, name, f"grew by {grown / 1e6:.0f} MB")
        if name in ON_SANIC:
            continue
        count = house.count_tracebacks()[name] - logged[name]
        whole.check(count == 0, house.read_traceback(name), f"{name} logged {count} tracebacks")
    return [*rows, whole]


async def fuzz_door(door: Door, inputs: Inputs, seconds: float, goal: int = GOAL) -> Row:
    """Sends requests to one door, some at once."""
    row = Row(f"http: {door.name}", goal, seconds)

    async def send() -> None:
        while row.next_try():
            raw, is_whole = build_request(door, inputs)
            try:
                problem = find_problem(
                    await exchange(door.url, raw, ANSWER_SECONDS if is_whole else HALF_SECONDS), is_whole
                )
            except OSError as error:
                problem = f"no connection: {error}"
            if problem:
                row.fail(raw.decode("latin-1"), problem)

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    return row


def find_problem(answer: Exchanged, is_whole: bool) -> str:
    """What is wrong with an answer; empty if nothing is. Of half a request the rest may be waited for."""
    if answer.status is None:
        return "no answer" if is_whole else ""
    if answer.status >= 500:
        return f"status {answer.status}: {answer.content[-200:]!r}"
    if b"Traceback (most recent" in answer.content or b'File "/' in answer.content:
        return "a stack trace in the answer"
    return ""


def build_request(door: Door, inputs: Inputs) -> tuple[bytes, bool]:
    """A request, and whether it is a whole one: half of them are right but for their content."""
    dice = inputs.dice
    method, path = dice.choice(door.routes)
    query, body = door.make_body(inputs)
    headers = {"Host": door.url.removeprefix("http://"), "Connection": "close", "Content-Type": "application/json"}
    if dice.random() < 0.8:
        headers |= door.headers
    lines = [f"{name}: {value}" for name, value in headers.items()]
    is_whole = True
    if dice.random() < 0.5:
        method = dice.choice((*METHODS, method, method, method))
        path = dice.choice((*PATHS, path, path, path + "/", path.upper(), path + "%00", inputs.text([path], 300)))
        lines[2] = f"Content-Type: {dice.choice((*TYPES, *TYPES_OF_FORMS))}"
        # To a coding it does not know Rasa's server says 500, and nothing else happens.
        spared = "Transfer-Encoding: gzip, chunked" if door.name == "Rasa" else ""
        lines += [line for line in dice.choices(HEADERS, k=dice.randrange(3)) if line != spared]
        if dice.randrange(15) == 0:
            lines, body = [*lines, "Content-Encoding: gzip"], BOMB
        # A handshake of a WebSocket that is none may be waited for as well.
        is_whole = dice.random() < 0.7 and not any(line.startswith("Upgrade") for line in lines)
    if not is_whole:
        lines.append(dice.choice((f"Content-Length: {len(body) + 9}", "Transfer-Encoding: chunked")))
    elif not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in lines):
        lines.append(f"Content-Length: {len(body)}")
    else:
        is_whole = False
    target = path + (("&" if "?" in path else "?") + query if query else "")
    head = "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""])
    return head.encode(errors="replace") + body, is_whole
