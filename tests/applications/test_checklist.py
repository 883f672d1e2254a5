"""The papers of an application: split from the product's words, each ready or not."""

import pytest

from applications.checklist import Paper, list_papers, make_checklist
from products.catalogue import list_products
from products.schemas import Product

FARMER, *_ = list_products()


def asking_for(documents: str) -> Product:
    return FARMER.model_copy(update={"documents": documents})


@pytest.mark.parametrize(
    ("documents", "papers"),
    [
        ("身份证、户口簿、土地承包或流转合同", ["身份证", "户口簿", "土地承包或流转合同"]),
        ("营业执照，近12个月对公流水；纳税记录。", ["营业执照", "近12个月对公流水", "纳税记录"]),
        ("身份证", ["身份证"]),
        ("身份证、 身份证、", ["身份证"]),
    ],
)
def test_each_paper_is_named_once(documents: str, papers: list[str]) -> None:
    assert list_papers(asking_for(documents)) == papers


def test_what_is_ready_and_still_asked_for_is_ticked() -> None:
    product = asking_for("身份证、户口簿")
    assert make_checklist(product, ["户口簿", "结婚证"]) == [Paper("身份证", False), Paper("户口簿", True)]


@pytest.mark.parametrize("product", list_products(), ids=lambda product: str(product.id))
def test_every_product_has_papers(product: Product) -> None:
    assert list_papers(product)
