"""How codes are sent: the variables XIAOHE_SMS_…"""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from kit.settings import ROOT, list_plain_urls, require_secrets


class SmsSettings(BaseModel):
    """The bank's SMS gateway, switched on by its address."""

    url: str = Field(
        "",
        description="Where the bank's SMS gateway takes a text: `POST` with JSON `phone`, `text` and the header "
        "`Idempotency-Key`. Empty: the demo writes to a file, in production phones are not verified.",
    )
    file: str = Field(f"{ROOT}/var/sms.jsonl", description="Where the demo writes text messages, a line of JSON each.")
    token: SecretStr = Field(SecretStr(""), description="Secret. Bearer token for the SMS gateway.")

    @model_validator(mode="after")
    def require_token(self) -> Self:
        """Switched on, it needs its token."""
        if self.url:
            require_secrets({"XIAOHE_SMS_TOKEN": self.token})
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the SMS gateway lacks."""
        if self.url:
            yield from list_plain_urls("XIAOHE_SMS_URL", self.url)
