"""What a campaign and its members are, as staff and customers see them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

CampaignKind = Literal["village", "white_list"]
CampaignState = Literal["draft", "proposed", "running", "ended"]
VillageGrade = Literal["A", "B", "C", "D"]
Outcome = Literal["approve", "review", "decline"]

KIND_NAMES: dict[CampaignKind, str] = {"village": "整村授信", "white_list": "白名单"}
STATE_NAMES: dict[CampaignState, str] = {
    "draft": "准备中",
    "proposed": "待第二人启动",
    "running": "进行中",
    "ended": "已结束",
}
OUTCOME_NAMES: dict[Outcome, str] = {"approve": "可邀请", "review": "要实地核实", "decline": "不授信"}
GRADE_NAMES: dict[VillageGrade, str] = {"A": "A级", "B": "B级", "C": "C级", "D": "D级"}
LONGEST_DAYS = 366


class CampaignIn(BaseModel):
    """A new campaign; days are in China, both included."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=30)]
    kind: CampaignKind
    product: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    first_day: date
    last_day: date


class CampaignView(BaseModel):
    """A campaign. `policy_version` is that of the quotas of its members, empty until they are decided."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: str
    name: str
    kind: CampaignKind
    product: str
    first_day: date
    last_day: date
    state: CampaignState
    policy_version: str
    decided_at: datetime | None
    created_by: str
    proposed_by: str | None
    started_by: str | None
    started_at: datetime | None

    def is_open(self, day: date) -> bool:
        """Whether members are invited and greeted on a day."""
        return self.state == "running" and self.first_day <= day <= self.last_day


class MemberView(BaseModel):
    """A member as staff see them: the phone masked."""

    id: str
    name: str
    phone: str
    village: str
    grade: VillageGrade | None
    outcome: Outcome | None
    quota: int
    annual_rate: str
    reasons: list[str] = Field(default_factory=list)
    manager_id: str | None
    invited_at: datetime | None
    greeted_at: datetime | None


class VillageView(BaseModel):
    """The members of one village: how many have which outcome, the sum of their quotas (yuan), and their manager."""

    village: str
    manager_id: str | None
    members: int
    approve: int
    review: int
    decline: int
    quota: int


class ResultView(BaseModel):
    """What came of one village's members of one manager: how many were invited and so on, and yuan drawn."""

    village: str
    manager_id: str | None
    members: int = 0
    invited: int = 0
    greeted: int = 0
    unsubscribed: int = 0
    applied: int = 0
    approved: int = 0
    drawn: int = 0
    amount: int = 0
