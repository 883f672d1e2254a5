"""The client of the catalogue's route on the staff site."""

from kit.http import ServiceClient
from products.catalogue import Dated, ProductCatalogue
from products.schemas import ProductList


class ProductsClient:
    """Raises kit.errors.ServiceUnavailable or ServiceRefused."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def read(self) -> ProductCatalogue:
        """The catalogue as the record has it."""
        listed = await self._http.get("/v1/products", ProductList)
        products: dict[str, list[Dated]] = {}
        for dated in listed.products:
            products.setdefault(dated.product.id, []).append((dated.effective_from, dated.product))
        return ProductCatalogue(products)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()
