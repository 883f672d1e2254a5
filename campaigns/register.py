"""Imports a village register or a white list into a campaign that is being prepared."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns import repository
from campaigns.rows import ROW_MODELS, MemberRow, WhiteListRow, split_row
from campaigns.schemas import CampaignView
from campaigns.tables import CampaignMember
from imports.plan import Check, PlannedRow
from imports.service import Progress
from kit.money import format_yuan
from products.schemas import Product

ROWS_AT_ONCE = 500
_UNDECIDED: dict[str, Any] = {"outcome": None, "quota": 0, "details": {}}
FindManager = Callable[[str], str | None]


class RegisterImport:
    """An import into one campaign. `find_manager` names the account manager of a village.

    RequestError 409 once the campaign is not being prepared any more.
    """

    key = "phone"

    def __init__(
        self,
        campaign: CampaignView,
        product: Product,
        find_manager: FindManager,
        finish: Callable[[AsyncSession, int], Any],
        now: datetime,
    ) -> None:
        """`finish` is awaited at the end of the transaction with the number of rows, for the audit."""
        self.model: type[MemberRow] = ROW_MODELS[campaign.kind]
        self._campaign = campaign
        self._product = product
        self._find_manager = find_manager
        self._finish = finish
        self._now = now
        self._ids: dict[str, str] = {}

    async def load(self, session: AsyncSession) -> Mapping[str, MemberRow]:
        """The members that are there, by phone."""
        await repository.lock_campaign(session, self._campaign.id, "draft")
        members = await repository.list_rows(session, self._campaign.id)
        self._ids = {member.phone: member.id for member in members}
        return {member.phone: self._build_row(member) for member in members}

    def make_check(self, rows: Sequence[MemberRow]) -> Check[MemberRow]:
        """A quota set by the bank lies within the product's limits."""
        least, most = self._product.amount_min, self._product.amount_max

        def check(row: MemberRow) -> Mapping[str, str]:
            if isinstance(row, WhiteListRow) and not least <= row.quota <= most:
                limits = f"{format_yuan(least)}到{format_yuan(most)}"
                return {"quota": f"{format_yuan(row.quota)}不在{self._product.name}的{limits}之间"}
            return {}

        return check

    async def apply(self, session: AsyncSession, rows: Sequence[PlannedRow[MemberRow]], progress: Progress) -> None:
        """Writes the rows; all quotas have to be decided anew."""
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            values = [(row.number, split_row(row.values)) for row in some if row.values]
            new = [self._build_member(number, each) for number, each in values if each["phone"] not in self._ids]
            changed = [
                {"id": self._ids[each["phone"]], **each, **_UNDECIDED}
                for _, each in values
                if each["phone"] in self._ids
            ]
            if new:
                await session.execute(insert(CampaignMember), new)
            if changed:
                await session.execute(update(CampaignMember), changed)
            progress.advance(start + len(some))
        await repository.mark_undecided(session, self._campaign.id, self._now)
        await self._finish(session, len(rows))

    def _build_row(self, member: CampaignMember) -> MemberRow:
        own = {"phone": member.phone, "name": member.name, "village": member.village}
        graded = {"grade": member.grade} if self._campaign.kind == "village" else {}
        return self.model.model_validate({**own, **graded, **member.facts})

    def _build_member(self, number: int, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()),
            "campaign_id": self._campaign.id,
            "number": number,
            "manager_id": self._find_manager(values["village"]),
            **values,
            **_UNDECIDED,
        }
