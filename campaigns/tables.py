"""Tables of campaigns."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.schemas import CampaignKind, CampaignState, Outcome, VillageGrade
from kit.database import Base, UtcDateTime
from kit.encrypted import Digests, EncryptedJson, EncryptedText


class Campaign(Base):
    """People who are invited to one product between two days.

    `policy_version` names the policies and the product that its members' quotas were decided by; empty once members
    were imported since. `changed_at`: when members or quotas last changed. Whoever starts it (`started_by`) is somebody
    else than `proposed_by`.
    """

    __tablename__ = "campaigns"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[CampaignKind] = mapped_column(String(16))
    product: Mapped[str] = mapped_column(String(32))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date, index=True)
    state: Mapped[CampaignState] = mapped_column(String(16), index=True)
    policy_version: Mapped[str] = mapped_column(String(160), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proposed_by: Mapped[str | None] = mapped_column(String(36))
    started_by: Mapped[str | None] = mapped_column(String(36))
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CampaignMember(Base):
    """One household or person of a campaign, and what was decided for them.

    `phone_key` is a hash of the phone, by which a customer who verified it is known. `facts` are those of the register,
    `details` the rate and the reasons of the decision. `greeted_for` is the message whose answer told them their quota.
    """

    __tablename__ = "campaign_members"
    __table_args__ = (
        Index("uq_campaign_members_campaign_id_phone_key", "campaign_id", "phone_key", unique=True),
        Index("ix_campaign_members_phone_key", "phone_key"),
        Index("ix_campaign_members_manager_id", "manager_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    number: Mapped[int]
    village: Mapped[str] = mapped_column(String(50))
    grade: Mapped[VillageGrade | None] = mapped_column(String(1))
    name: Mapped[str] = mapped_column(EncryptedText("campaign_members.name"))
    phone: Mapped[str] = mapped_column(EncryptedText("campaign_members.phone"))
    phone_key: Mapped[str] = mapped_column(Digests)
    facts: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("campaign_members.facts"))
    outcome: Mapped[Outcome | None] = mapped_column(String(8))
    quota: Mapped[int] = mapped_column(default=0)
    details: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("campaign_members.details"))
    manager_id: Mapped[str | None] = mapped_column(String(36))
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    greeted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    greeted_for: Mapped[int | None]
