"""The bank's OpenID Connect provider: the variables XIAOHE_OIDC_…"""

from collections.abc import Iterator
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, model_validator

from kit.settings import is_local, list_plain_urls, require_secrets


class OidcSettings(BaseModel):
    """Single sign-on by the bank's provider, which is switched on by the issuer."""

    issuer: str = Field(
        "", description="Issuer of the bank's OpenID Connect provider, exactly as it names itself; empty: none."
    )
    client_id: str = Field("", description="Client id of the staff site at the provider.")
    client_secret: SecretStr = Field(SecretStr(""), description="Secret. Client secret of the staff site there.")
    login_claim: str = Field(
        "preferred_username",
        min_length=1,
        description="Claim of the ID token that is the login on the staff site; unique at the provider for ever. "
        "`email` counts only with `email_verified`.",
    )

    @model_validator(mode="after")
    def require_client(self) -> Self:
        """Switched on, it needs a client, and TLS on the way to another machine."""
        if not self.issuer:
            return self
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_local(parts.hostname)):
            raise ValueError("XIAOHE_OIDC_ISSUER must be https://…")
        if not self.client_id:
            raise ValueError("XIAOHE_OIDC_CLIENT_ID must be set with XIAOHE_OIDC_ISSUER")
        require_secrets({"XIAOHE_OIDC_CLIENT_SECRET": self.client_secret})
        return self

    def list_gaps(self) -> Iterator[str]:
        """What production demands and the provider lacks."""
        if self.issuer:
            yield from list_plain_urls("XIAOHE_OIDC_ISSUER", self.issuer)
