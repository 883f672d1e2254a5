"""The HTTP route by which processes without the database read the catalogue."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends

from kit.service_token import require_service
from products.catalogue import ProductCatalogue
from products.schemas import DatedProduct, ProductList


def build_router(read: Callable[[], Awaitable[ProductCatalogue]], service_token: str) -> APIRouter:
    """GET /v1/products; it needs the service token."""
    router = APIRouter(tags=["products"], dependencies=[Depends(require_service(service_token))])

    @router.get("/v1/products")
    async def list_products() -> ProductList:
        """All values that are or will be in force."""
        catalogue = await read()
        dated = [pair for values in catalogue.products.values() for pair in values]
        return ProductList(products=[DatedProduct(effective_from=day, product=product) for day, product in dated])

    return router
