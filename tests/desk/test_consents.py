"""Nothing is submitted without the consents it needs in the ledger."""

import pytest

from conversations.service import Conversations
from desk.consents import Consents, require_consents
from kit.database import Database
from kit.errors import RequestError
from privacy import ledger
from tests.applications.making import make_applications
from tests.connectors.customers_data import APPLICATION
from tests.fakes import FixedClock


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ([], "贷款申请、交给客户经理"),
        (["application"], "交给客户经理"),
        (["quota", "marketing", "sharing"], "贷款申请"),
        (["application", "sharing"], ""),
    ],
)
async def test_a_submission_needs_both(database: Database, clock: FixedClock, given: list[str], missing: str) -> None:
    opened = await Conversations(database, clock).open_conversation("web", "wang")
    async with database.transaction() as session:
        for purpose in given:
            await ledger.record(session, clock.now, "consent_given", opened.customer_id, purpose=purpose)
    assert await Consents(database).list_given(opened.id) == given
    applications = make_applications(database, clock, require_consents=require_consents)
    content = APPLICATION.model_copy(update={"conversation_id": opened.id})
    if not missing:
        assert (await applications.submit(content, "key-of-this")).number
        return
    with pytest.raises(RequestError, match="403 no_consent") as refused:
        await applications.submit(content, "key-of-this")
    assert missing in refused.value.reason
    assert await applications.list_applications(opened.id) == []


async def test_a_conversation_nobody_knows_has_agreed_to_nothing(database: Database) -> None:
    assert await Consents(database).list_given("nobody") == []
