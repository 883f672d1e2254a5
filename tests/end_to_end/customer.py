"""A customer on the web chat, as the contract describes it: knows nothing of the inside."""

import uuid
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from tests.waiting import WAIT_SECONDS

TRIES = 12  # each waits 15 seconds where the reply is late, on a busy machine


class Customer:
    """Writes and presses buttons; `buttons` are those under the last reply."""

    def __init__(self, gateway_url: str) -> None:
        self.client = httpx.Client(base_url=gateway_url, timeout=WAIT_SECONDS, trust_env=False)
        self.token = self.client.post("/webchat/sessions").json()["token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"
        self.buttons: dict[str, str] = {}
        self.seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def say(self, text: str) -> dict[str, Any]:
        """Sends a text; gives the turn."""
        return self.send({"text": text})

    def press(self, title: str) -> dict[str, Any]:
        """Presses the last reply's button of that title."""
        assert title in self.buttons, f"no button {title!r} among {list(self.buttons)}"
        return self.send({"button": self.buttons[title]})

    def show(self, picture: bytes) -> dict[str, Any]:
        """Sends a picture; gives the turn."""
        return self._upload("pictures", picture)

    def attach(self, content: bytes, name: str) -> dict[str, Any]:
        """Sends a file; gives the turn."""
        return self._upload("files", content, headers={"X-File-Name": quote(name)})

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        """Sends a message with an id of its own; remembers the buttons and how long it took."""
        return self._take("messages", json={"message_id": str(uuid.uuid4()), **body})

    def _upload(self, kind: str, content: bytes, **more: Any) -> dict[str, Any]:
        return self._take(kind, params={"message_id": str(uuid.uuid4())}, content=content, **more)

    def _take(self, path: str, **request: Any) -> dict[str, Any]:
        turn: dict[str, Any] = {}
        for _ in range(TRIES):  # the same message again gives the same replies, once they are there
            response = self.client.post(f"/webchat/{path}", **request)
            assert response.status_code == 200, response.text
            turn = response.json()
            if turn["replies"] or turn["holder"] != "bot":
                break
        self.seconds = response.elapsed.total_seconds()
        self.buttons = {b["title"]: b["token"] for reply in turn["replies"] for b in reply["buttons"]}
        return turn


def read_words(turn: dict[str, Any]) -> str:
    """All that a turn said."""
    return "\n".join(reply["text"] for reply in turn["replies"])
