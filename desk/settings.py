"""What the staff site is set by, with a group for each way to notify staff."""

from collections.abc import Iterator
from typing import Self, get_args

from pydantic import Field, SecretStr, field_validator, model_validator

from conversations.settings import ConversationsSettings
from desk.language_model import LanguageModelSettings
from desk.notifications.settings import SmtpSettings, WeComSettings
from desk.oidc.settings import OidcSettings
from desk.roles import PERMISSIONS, Role
from desk.wechat_template import TemplateSettings
from documents.settings import ClamdSettings, DocumentsSettings
from kit.settings import ROOT, list_demo_secrets, list_plain_urls, list_proxy_gaps, list_weak_secrets
from knowledge.settings import LinkSettings, TunedSettings
from verification.settings import SmsSettings
from visits.slots import VisitHours

PLACE = "{place}"  # stands in the map's address
# Who has no other permission neither sees customers' data nor administers anything.
HARMLESS = frozenset({"answers", "entries"})


class DeskSettings(ConversationsSettings, TunedSettings, LinkSettings):
    """The settings of a desk process."""

    accept_seconds: int = Field(
        60,
        ge=10,
        le=600,
        description="Seconds an agent has to accept an assigned talk before it is assigned to another.",
    )
    wait_alert_seconds: int = Field(
        120,
        ge=60,
        le=3600,
        description="Seconds a customer waits with nobody there to serve them (or at all, in danger) until supervisors "
        "are alerted; again after twice as long each time.",
    )
    agent_grace_seconds: int = Field(
        60,
        ge=5,
        le=86_400,
        description="Seconds without any open page after which an agent's talks go back to the queue.",
    )
    desk_public_url: str = Field(
        "",
        description="Where staff find the staff site: `https://…` (its cookie then goes over https only). "
        "Empty: the desk's own address.",
    )
    desk_second_factor_roles: str = Field(
        "auto",
        description="Roles that must have a second factor, by commas; everybody may. `auto`: in production all that "
        "see customers' data, change products or administer, in the demo none. `none`: nobody must.",
    )
    desk_password_sign_in: bool = Field(
        True, description="`off`: staff sign in by the bank's OpenID Connect provider only."
    )
    visit_hours: str = Field(
        "09:00-12:00,14:00-17:30", description="When account managers visit customers on working days, China time."
    )
    visit_minutes: int = Field(90, ge=15, le=240, description="Minutes that a visit takes, the way there included.")
    visit_days: int = Field(14, ge=1, le=60, description="How many days ahead customers may book a visit.")
    map_url: str = Field(
        "",
        description="The map that opens when an account manager clicks the place of a visit: `https://…` with "
        "`{place}` in it. The place, which may be where a customer lives, goes there from the manager's own device. "
        "Empty: none.",
    )
    core_secret: SecretStr = Field(
        SecretStr(""),
        description="Secret. Signs what the bank's core tells of applications (docs/howto/connect-the-core.md). "
        "Empty: the core cannot reach them.",
    )
    core_url: str = Field(
        "",
        description="Where the bank's core answers about loans that customers have (docs/howto/connect-the-core.md): "
        "`https://…`. Empty: the demo has made-up ones, in production nobody is shown any.",
    )
    core_demo_file: str = Field(
        f"{ROOT}/var/core-requests.json", description="Where the demo's core keeps what was asked for of made-up loans."
    )
    oidc: OidcSettings = OidcSettings()
    wecom: WeComSettings = WeComSettings()
    smtp: SmtpSettings = SmtpSettings()
    sms: SmsSettings = SmsSettings()
    wechat: TemplateSettings = TemplateSettings()
    documents: DocumentsSettings = DocumentsSettings()
    clamd: ClamdSettings = ClamdSettings()
    language_model: LanguageModelSettings = LanguageModelSettings()

    @field_validator("desk_second_factor_roles")
    @classmethod
    def require_roles(cls, value: str) -> str:
        """Refuses a role that does not exist: whoever mistyped it would be safe in name only."""
        if value not in ("auto", "none") and (unknown := _split(value) - set(get_args(Role))):
            raise ValueError(f"no such role: {', '.join(sorted(unknown))}")
        return value

    @field_validator("map_url")
    @classmethod
    def require_place(cls, value: str) -> str:
        """A link that leads to the place, or none."""
        if value and not (value.startswith("https://") and PLACE in value):
            raise ValueError(f"a map looks like https://map.example/search?q={PLACE}")
        return value

    @model_validator(mode="after")
    def require_visit_hours(self) -> Self:
        """Half-days that follow each other."""
        VisitHours.parse(self.visit_hours, minutes=self.visit_minutes, days=self.visit_days)
        return self

    @property
    def visits(self) -> VisitHours:
        """When visits are made, as a value."""
        return VisitHours.parse(self.visit_hours, minutes=self.visit_minutes, days=self.visit_days)

    @model_validator(mode="after")
    def require_way_in(self) -> Self:
        """Somebody must be able to sign in."""
        if not self.desk_password_sign_in and not self.oidc.issuer:
            raise ValueError("XIAOHE_DESK_PASSWORD_SIGN_IN=off needs XIAOHE_OIDC_ISSUER")
        return self

    @model_validator(mode="after")
    def require_core_secret(self) -> Self:
        """What is asked of the core is signed."""
        if self.core_url and not self.core_secret.get_secret_value():
            raise ValueError("XIAOHE_CORE_URL needs XIAOHE_CORE_SECRET")
        return self

    @property
    def second_factor_roles(self) -> frozenset[str]:
        """The roles that must have a second factor."""
        if self.desk_second_factor_roles == "none":
            return frozenset()
        if self.desk_second_factor_roles != "auto":
            return frozenset(_split(self.desk_second_factor_roles))
        permissions = PERMISSIONS.keys() - HARMLESS if self.environment == "production" else ()
        return frozenset[str]().union(*(PERMISSIONS[permission] for permission in permissions))

    def list_gaps(self) -> list[str]:
        """See Settings.list_gaps."""
        return [
            *super().list_gaps(),
            *list_plain_urls("XIAOHE_DESK_PUBLIC_URL", self.desk_public_url),
            *list_proxy_gaps(self.trusted_proxies),
            *self._list_core_gaps(),
            *self.oidc.list_gaps(),
            *self.wecom.list_gaps(),
            *self.smtp.list_gaps(),
            *self.sms.list_gaps(),
            *self.wechat.list_gaps(),
            *self.language_model.list_gaps(),
        ]

    def _list_core_gaps(self) -> Iterator[str]:
        if self.core_secret.get_secret_value():
            secrets = {"XIAOHE_CORE_SECRET": self.core_secret}
            yield from list_weak_secrets(secrets)
            yield from (f"{name} is the demo's (var/demo.env)" for name in list_demo_secrets(secrets))
        if self.core_url:
            yield from list_plain_urls("XIAOHE_CORE_URL", self.core_url)


def _split(roles: str) -> set[str]:
    return {role.strip() for role in roles.split(",") if role.strip()}
