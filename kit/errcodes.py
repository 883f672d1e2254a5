"""Error codes of Tencent's platforms: what each means for us, in the same terms for WeChat and WeCom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OPERATOR_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What to do, what to tell the staff, and for how many seconds not to try again.

    `token`: get another access token. `retry` later, `defer` until the customer writes again, or never: `permanent`.
    """

    kind: Literal["token", "retry", "defer", "permanent"]
    reason: str
    retry_after_seconds: float = 0


def wait_for_operator(reason: str) -> Meaning:
    """A setting is wrong: until it is corrected the messages wait, and the desk shows why."""
    return Meaning("retry", reason, OPERATOR_SECONDS)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform's Chinese name, the call that gives access tokens, and the table of its error codes."""

    name: str
    auth_method: Literal["GET", "POST"]
    auth_path: str
    wrong_secret: Meaning
    errcodes: Mapping[int, Meaning]

    def explain(self, errcode: int) -> Meaning:
        """What an error code means; one that is not in the table is permanent."""
        return self.errcodes.get(errcode) or Meaning("permanent", f"{self.name}拒绝了请求（错误码{errcode}）")

    @property
    def no_answer(self) -> Meaning:
        """The call was not made, or failed on the platform's side."""
        return Meaning("retry", f"{self.name}接口没有应答")

    @property
    def not_confirmed(self) -> Meaning:
        """The platform may have done what it was asked."""
        return Meaning("retry", f"{self.name}没有确认，消息可能已送达")

    @property
    def not_understood(self) -> Meaning:
        """An answer in another shape."""
        return Meaning("retry", f"{self.name}接口的应答无法识别")


class TencentError(Exception):
    """The platform did not do what it was asked; the text holds no secret. No `errcode`: there was no clear answer."""

    def __init__(self, meaning: Meaning, errcode: int | None = None, *, maybe_delivered: bool = False) -> None:
        super().__init__(f"errcode {errcode}: {meaning.reason}" if errcode is not None else meaning.reason)
        self.meaning = meaning
        self.errcode = errcode
        self.maybe_delivered = maybe_delivered

    @property
    def kind(self) -> Literal["retry", "defer", "permanent"]:
        """What becomes of the message."""
        return "retry" if self.meaning.kind == "token" else self.meaning.kind
