"""Error codes of Tencent's platforms: what each means for us, in the same terms for WeChat and WeCom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

MEDIA_GONE_ERRCODE = 40007  # on every platform; what customers send is kept for three days
SETTINGS_RETRY_SECONDS = 600.0  # while the operator corrects a wrong setting


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of an error code: what to do, a reason for staff, and seconds to wait before a retry.

    `token`: get another access token. `retry` later, `defer` until the customer writes again, or never: `permanent`.
    """

    kind: Literal["token", "retry", "defer", "permanent"]
    reason: str
    retry_after_seconds: float = 0


def wait_for_operator(reason: str) -> Meaning:
    """The meaning of a wrong setting: messages wait until it is corrected, and the desk shows why."""
    return Meaning("retry", reason, SETTINGS_RETRY_SECONDS)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform's Chinese name, the call that gives access tokens, and the table of its error codes."""

    name: str
    auth_method: Literal["GET", "POST"]
    auth_path: str
    wrong_secret: Meaning
    errcodes: Mapping[int, Meaning]

    def explain(self, errcode: int) -> Meaning:
        """The meaning of an error code; an unknown one is permanent."""
        return self.errcodes.get(errcode) or Meaning("permanent", f"{self.name}拒绝了请求（错误码{errcode}）")

    @property
    def no_answer(self) -> Meaning:
        """The call failed before or on the platform's side."""
        return Meaning("retry", f"{self.name}接口没有应答")

    @property
    def not_confirmed(self) -> Meaning:
        """The call may have worked; there was no answer."""
        return Meaning("retry", f"{self.name}没有确认，消息可能已送达")

    @property
    def not_understood(self) -> Meaning:
        """The answer cannot be read."""
        return Meaning("retry", f"{self.name}接口的应答无法识别")
