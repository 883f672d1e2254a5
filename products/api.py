"""The HTTP route by which processes without the database read the catalogue."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Header

from kit.errors import RequestError
from kit.security import is_same_secret, read_bearer
from products.catalogue import ProductCatalogue
from products.schemas import DatedProduct, ProductList


def build_router(read: Callable[[], Awaitable[ProductCatalogue]], service_token: str) -> APIRouter:
    """GET /v1/products; it needs the service token."""
    router = APIRouter(tags=["products"])

    @router.get("/v1/products")
    async def list_products(authorization: Annotated[str | None, Header()] = None) -> ProductList:
        """All values that are or will be in force."""
        if not is_same_secret(read_bearer(authorization), service_token):
            raise RequestError(401, "unauthorised", "a service token is needed")
        catalogue = await read()
        dated = [pair for values in catalogue.products.values() for pair in values]
        return ProductList(products=[DatedProduct(effective_from=day, product=product) for day, product in dated])

    return router
