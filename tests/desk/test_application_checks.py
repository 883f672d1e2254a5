"""The checks of stored applications, with what is known around them; who may see and mark them."""

from datetime import timedelta
from typing import Any

import pytest

from applications import blocking
from applications.schemas import ApplicationIn
from applications.surroundings import read_surroundings
from conversations.service import Conversations
from desk.application_checks import ApplicationChecks
from desk.roles import Role
from desk.schemas import StaffView
from documents.schemas import DocumentKind, Value
from documents.service import Documents
from kit.database import Database
from kit.errors import RequestError
from tests.applications.making import make_applications
from tests.conversations.talk import sqlite_only
from tests.desk.test_presence import ZHANG
from tests.documents.pictures import draw, encode
from tests.fakes import FixedClock

CONTENT: dict[str, Any] = {
    "conversation_id": "one",
    "product": "farmer_loan",
    "amount": 50_000,
    "term": 12,
    "purpose": "买化肥",
    "region": "柳河镇王家村",
    "name": "王秀兰",
    "phone": "13800001234",
    "details": {},
    "consent_version": "1",
}


def make_staff(role: Role) -> StaffView:
    return ZHANG.model_copy(update={"id": role, "role": role})


async def submit(database: Database, clock: FixedClock, conversation: str = "one", **changes: Any) -> str:
    content = {**CONTENT, "conversation_id": conversation, **changes}
    application = ApplicationIn.model_validate(content)
    key = f"key-{conversation}-{clock.now.isoformat()}"
    return (await make_applications(database, clock).submit(application, key)).id


class TestSurroundings:
    async def read(self, database: Database, clock: FixedClock, **changes: Any) -> Any:
        application = ApplicationIn.model_validate({**CONTENT, **changes})
        async with database.reading() as session:
            return await read_surroundings(session, application, ["one"], clock.now)

    async def test_other_open_applications_with_the_same_numbers_are_counted(
        self, database: Database, clock: FixedClock
    ) -> None:
        await submit(database, clock, "two", details={"id_number": "990123198001010012"})
        await submit(database, clock, "three", phone="13900001234")
        around = await self.read(database, clock, details={"id_number": "990123198001010012"})
        assert (around.same_phone, around.same_identity, around.recent) == (1, 1, 1)

    @sqlite_only
    async def test_a_stored_one_is_not_its_own_other(self, database: Database, clock: FixedClock) -> None:
        await submit(database, clock)
        view = (await make_applications(database, clock).list_applications("one"))[0]
        async with database.reading() as session:
            around = await read_surroundings(session, view, ["one"], clock.now)
        assert (around.same_phone, around.recent) == (0, 1)

    @sqlite_only
    async def test_only_the_last_thirty_days_are_recent(self, database: Database, clock: FixedClock) -> None:
        await submit(database, clock)
        clock.now += timedelta(days=29)
        assert (await self.read(database, clock)).recent == 2
        clock.now += timedelta(days=2)
        assert (await self.read(database, clock)).recent == 1

    async def test_the_block_list_is_looked_at(self, database: Database, clock: FixedClock) -> None:
        async with database.transaction() as session:
            block = await blocking.propose_block(session, "13800001234", "fraud", 9, by="chen", now=clock.now)
            await blocking.confirm_block(session, block.id, by="liu", now=clock.now)
        around = await self.read(database, clock)
        assert (around.is_phone_blocked, around.is_identity_blocked) == (True, False)


class TestChecks:
    async def test_its_manager_reads_and_marks_them(self, database: Database, clock: FixedClock) -> None:
        application = await submit(database, clock, purpose="还网贷")
        checks = ApplicationChecks(database, clock)
        chief = make_staff("supervisor")
        view = await checks.read(chief, application)
        assert view.checks[0].check.code == "refinancing"
        assert view.agreed == {"application": False, "sharing": False, "credit_inquiry": False}
        await checks.mark(chief, application, view.checks[0].finding, "电话问过，说错了")
        assert (await checks.read(chief, application)).checks[0].note == "电话问过，说错了"
        with pytest.raises(RequestError, match="409 already_verified"):
            await checks.mark(chief, application, view.checks[0].finding, "又问过")
        with pytest.raises(RequestError, match="404 no_such_check"):
            await checks.mark(chief, application, "something else", "问过")
        with pytest.raises(RequestError, match="422 no_note"):
            await checks.mark(chief, application, view.checks[0].finding, " ")

    @sqlite_only
    async def test_what_was_typed_is_compared_with_the_pictures(self, database: Database, clock: FixedClock) -> None:
        own = (await Conversations(database, clock).open_conversation("web", "wang")).id
        documents, typed = Documents(database, clock=clock), ApplicationIn(**CONTENT | {"conversation_id": own})
        sent = await documents.store(own, "picture-1", encode(draw()))
        await documents.describe(sent.id, "identity_card", {"name": "王秀英", "address": "青禾县"})
        checks = ApplicationChecks(database, clock)
        assert "照片上的姓名和您填的不一样，请再核对一下。" in [each.ask for each in await checks.find_mendable(typed)]
        application = await submit(database, clock, own)
        seen = (await checks.read(make_staff("supervisor"), application)).checks
        assert "照片上的姓名和填的不一样" in [each.check.reason for each in seen]

    @sqlite_only
    async def test_a_wifes_card_beside_their_own_is_no_contradiction(
        self, database: Database, clock: FixedClock
    ) -> None:
        own = (await Conversations(database, clock).open_conversation("web", "wang")).id
        documents, typed = Documents(database, clock=clock), ApplicationIn(**CONTENT | {"conversation_id": own})
        for number, name in enumerate(("王秀兰", "李四")):
            sent = await documents.store(own, f"picture-{number}", encode(draw()))
            await documents.describe(sent.id, "identity_card", {"name": name})
        asked = await ApplicationChecks(database, clock).find_mendable(typed)
        assert not any("照片" in each.ask for each in asked)

    async def test_the_same_picture_with_another_customers_application(
        self, database: Database, clock: FixedClock
    ) -> None:
        documents, checks = Documents(database, clock=clock), ApplicationChecks(database, clock)
        ids, numbers = [], []
        for who, phone in (("wang", "13800001234"), ("li", "13900001234")):
            own = (await Conversations(database, clock).open_conversation("web", who)).id
            await documents.store(own, f"{who}-1", encode(draw()))
            await documents.store(own, f"{who}-2", encode(draw()))  # twice in one application is nothing
            await documents.store(own, f"{who}-3", encode(draw(colour="red" if who == "li" else "blue")))
            ids.append(await submit(database, clock, own, phone=phone))
            numbers.append((await checks.read(make_staff("supervisor"), ids[-1])).number)
        for own_id, other in zip(ids, reversed(numbers), strict=True):
            seen = [each.check for each in (await checks.read(make_staff("supervisor"), own_id)).checks]
            (same,) = [check for check in seen if check.code == "same_picture"]
            assert (other in same.reason, same.is_mendable) == (True, False)

    @sqlite_only
    async def test_a_customers_own_earlier_picture_is_nothing(self, database: Database, clock: FixedClock) -> None:
        own = (await Conversations(database, clock).open_conversation("web", "wang")).id
        documents = Documents(database, clock=clock)
        for product in ("farmer_loan", "trader_loan"):
            await documents.store(own, product, encode(draw()))
            application = await submit(database, clock, own, product=product)
            clock.now += timedelta(days=1)
        seen = (await ApplicationChecks(database, clock).read(make_staff("supervisor"), application)).checks
        assert "same_picture" not in [each.check.code for each in seen]

    @sqlite_only
    async def test_a_statement_and_a_back_reach_the_checks(self, database: Database, clock: FixedClock) -> None:
        own = (await Conversations(database, clock).open_conversation("web", "wang")).id
        documents = Documents(database, clock=clock)
        told: dict[DocumentKind, dict[str, Value]] = {
            "identity_card_back": {"issued_by": "青禾县公安局", "valid_until": "2020-01-01"},
            "bank_statement": {"name": "李四", "total_in": 1000.0, "total_out": 900.0},
        }
        for kind, fields in told.items():
            sent = await documents.store(own, kind, encode(draw()))
            await documents.describe(sent.id, kind, fields)
        seen = await ApplicationChecks(database, clock).read(
            make_staff("supervisor"), await submit(database, clock, own)
        )
        codes = {each.check.code for each in seen.checks}
        assert {"identity_card_back_expired", "statement_of_another"} <= codes

    @sqlite_only
    async def test_a_check_with_another_reason_is_to_be_looked_at_again(
        self, database: Database, clock: FixedClock
    ) -> None:
        application = await submit(database, clock)
        await submit(database, clock, "two")
        checks, chief = ApplicationChecks(database, clock), make_staff("supervisor")
        (seen,) = [each for each in (await checks.read(chief, application)).checks if each.check.code == "same_phone"]
        await checks.mark(chief, application, seen.finding, "夫妻俩")
        await submit(database, clock, "three")
        (seen,) = [each for each in (await checks.read(chief, application)).checks if each.check.code == "same_phone"]
        assert (seen.note, "另有2笔" in seen.check.reason) == ("", True)

    @sqlite_only
    @pytest.mark.parametrize("role", ["agent", "account_manager", "admin", "editor"])
    async def test_nobody_else_sees_them(self, database: Database, clock: FixedClock, role: Any) -> None:
        application = await submit(database, clock)
        with pytest.raises(RequestError, match="403 not_yours"):
            await ApplicationChecks(database, clock).read(make_staff(role), application)

    @sqlite_only
    async def test_the_customer_is_asked_what_can_be_mended_without_the_reason(
        self, database: Database, clock: FixedClock
    ) -> None:
        content = {**CONTENT, "amount": 300_000, "purpose": "还网贷", "details": {"household_income": 50_000}}
        found = await ApplicationChecks(database, clock).find_mendable(ApplicationIn.model_validate(content))
        assert any(each.ask == "您说家庭年收入5万元，想借30万元，对吗？" for each in found)
        assert not any("网贷" in each.ask or "%" in each.ask for each in found)
