"""What the staff site is set by, with a group for each way to notify staff."""

from pydantic import Field

from conversations.settings import ConversationsSettings
from desk.notifications.settings import SmtpSettings, WeComSettings
from kit.settings import list_plain_urls


class DeskSettings(ConversationsSettings):
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
        le=3600,
        description="Seconds without any open page after which an agent's talks go back to the queue.",
    )
    desk_public_url: str = Field(
        "",
        description="Where staff find the staff site: `https://…` (its cookie then goes over https only). "
        "Empty: the desk's own address.",
    )
    wecom: WeComSettings = WeComSettings()
    smtp: SmtpSettings = SmtpSettings()

    def list_gaps(self) -> list[str]:
        """See Settings.list_gaps."""
        return [
            *super().list_gaps(),
            *list_plain_urls("XIAOHE_DESK_PUBLIC_URL", self.desk_public_url),
            *self.wecom.list_gaps(),
            *self.smtp.list_gaps(),
        ]
