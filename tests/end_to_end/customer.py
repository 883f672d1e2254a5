"""A customer on the web chat, as the contract describes it: knows nothing of the inside."""

import uuid
from types import TracebackType
from typing import Any, Self

import httpx


class Customer:
    """Writes and presses buttons; `buttons` are those under the last reply."""

    def __init__(self, gateway_url: str) -> None:
        self.client = httpx.Client(base_url=gateway_url, timeout=20, trust_env=False)
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
        message_id = {"message_id": str(uuid.uuid4())}
        return self._take(self.client.post("/webchat/pictures", params=message_id, content=picture))

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        """Sends a message with an id of its own; remembers the buttons and how long it took."""
        return self._take(self.client.post("/webchat/messages", json={"message_id": str(uuid.uuid4()), **body}))

    def _take(self, response: httpx.Response) -> dict[str, Any]:
        assert response.status_code == 200, response.text
        self.seconds = response.elapsed.total_seconds()
        turn: dict[str, Any] = response.json()
        self.buttons = {b["title"]: b["token"] for reply in turn["replies"] for b in reply["buttons"]}
        return turn


def read_words(turn: dict[str, Any]) -> str:
    """All that a turn said."""
    return "\n".join(reply["text"] for reply in turn["replies"])
