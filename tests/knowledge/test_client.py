"""The client against the real application, and against malformed answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kit.database import Database
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from knowledge.api import create_app
from knowledge.client import KnowledgeClient
from knowledge.settings import KnowledgeSettings
from tests.knowledge.entries import CARD, ENTRIES, LESSONS, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder


def make_client(transport: httpx.AsyncBaseTransport) -> KnowledgeClient:
    return KnowledgeClient(ServiceClient("knowledge", "http://knowledge", deadline=60, tries=1, transport=transport))


def answer(status: int, content: Any) -> KnowledgeClient:
    return make_client(httpx.MockTransport(lambda request: httpx.Response(status, json=content)))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestAgainstTheRealService:
    @pytest.fixture
    async def app(self, database: Database, database_url: str, tmp_path: Path) -> FastAPI:
        await store(database, *(make_entry(*entry) for entry in ENTRIES), make_entry("odd id?&%", "怪编号", (), "有。"))
        settings = KnowledgeSettings(database_url=database_url, knowledge_cache=str(tmp_path / "kept"))
        return create_app(settings, encoder=HashingEncoder(), lessons=LESSONS)

    @pytest.fixture
    async def client(self, app: FastAPI) -> AsyncIterator[KnowledgeClient]:
        async with app.router.lifespan_context(app):
            yield make_client(httpx.ASGITransport(app, raise_app_exceptions=False))

    async def test_it_searches(self, client: KnowledgeClient) -> None:
        found = await client.search("卡丢了怎么办", k=2)
        assert found.outcome == "answer"
        assert found.matches[0].entry_id == "card-lost"
        assert len(found.matches) == 2
        assert len((await client.search("卡丢了怎么办 & k=1?")).matches) == 3

    async def test_it_reads_evidence(self, client: KnowledgeClient) -> None:
        evidence = await client.read_evidence("手机丢了，利息多少", ["手机丢了", "利息多少"])
        assert len(evidence.matches) == 3
        assert [part.entry_id for part in evidence.parts if part][-1] == "loan-rate"
        assert evidence.dangers.keys() == {"lost_phone", "scam"}
        assert (await client.read_evidence("卡丢了怎么办")).matches[0].entry_id == "card-lost"

    async def test_too_many_parts_are_a_refusal(self, client: KnowledgeClient) -> None:
        with pytest.raises(ServiceRefused):
            await client.read_evidence("卡丢了", ["卡"] * 4)

    async def test_it_reads_an_entry(self, client: KnowledgeClient) -> None:
        entry = await client.get_entry("card-lost")
        assert (entry.question, entry.answer, entry.score) == (CARD[1], CARD[3], 1.0)
        assert (await client.get_entry("odd id?&%")).answer == "有。"

    @pytest.mark.parametrize("entry_id", ["no-such-entry", "card/lost", "../search?q=1", "."])
    async def test_an_unknown_entry_is_a_refusal(self, client: KnowledgeClient, entry_id: str) -> None:
        with pytest.raises(ServiceRefused) as refused:
            await client.get_entry(entry_id)
        assert refused.value.status == 404

    async def test_a_bad_question_is_a_refusal(self, client: KnowledgeClient) -> None:
        with pytest.raises(ServiceRefused) as refused:
            await client.search("")
        assert (refused.value.status, refused.value.code) == (422, "invalid_request")

    async def test_a_service_that_has_not_started_is_unavailable(self, app: FastAPI) -> None:
        with pytest.raises(ServiceUnavailable):
            await make_client(httpx.ASGITransport(app)).search("卡丢了怎么办")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"outcome": "perhaps", "matches": []},
        {"outcome": "answer"},
        {"outcome": "answer", "matches": [{"entry_id": "a", "question": "b", "answer": "c"}]},
        [],
    ],
)
async def test_another_shape_is_a_fault_of_the_service(content: Any) -> None:
    with pytest.raises(ServiceUnavailable, match="unknown shape"):
        await answer(200, content).search("卡丢了怎么办")


async def test_a_fault_is_told_from_a_refusal() -> None:
    with pytest.raises(ServiceUnavailable):
        await answer(500, {}).get_entry("card-lost")
    with pytest.raises(ServiceRefused):
        await answer(400, {}).get_entry("card-lost")
