"""The route by which processes without the database read the catalogue, and its client."""

import httpx
import pytest
from fastapi import FastAPI

from kit.database import Database
from kit.errors import ServiceRefused
from kit.http import ServiceClient
from kit.web import create_web_app
from products.api import build_router
from products.catalogue import read_seed
from products.client import ProductsClient
from products.record import read_from

TOKEN = "service-token-of-the-tests"


@pytest.fixture
def app(database: Database) -> FastAPI:
    app = create_web_app("test", checks={})
    app.include_router(build_router(read_from(database), TOKEN))
    return app


def connect(app: FastAPI, token: str) -> ProductsClient:
    transport = httpx.ASGITransport(app)
    return ProductsClient(ServiceClient("products", "http://desk", deadline=60, token=token, transport=transport))


async def test_the_catalogue_arrives_as_it_is_in_the_record(app: FastAPI) -> None:
    assert await connect(app, TOKEN).read() == read_seed()


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_it_is_for_services_only(app: FastAPI, token: str) -> None:
    with pytest.raises(ServiceRefused):
        await connect(app, token).read()
