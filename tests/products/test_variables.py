"""Figures in texts are those in force when the text is given."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from knowledge.seeding import read_seed as read_entries
from products.catalogue import ProductCatalogue, read_seed, replace_catalogue
from products.variables import UNKNOWN, VARIABLE, Language, fill_variables

SINCE = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    replace_catalogue(read_seed())
    yield
    replace_catalogue(None)


@pytest.mark.parametrize(
    ("text", "language", "filled"),
    [
        ("最高{amount_max:小微企业贷}", "zh", "最高300万元"),
        ("from {amount_min:农户贷}", "en", "from CNY 1,000"),
        ("{rate:商户贷}", "zh", "5.20%至6.90%"),
        ("{rate:商户贷}", "en", "5.20% to 6.90%"),
        ("{term_max:小微企业贷}", "zh", "24个月"),
        ("{term_max:小微企业贷}", "en", "24 months"),
        ("适合{audience:商户贷}", "zh", "适合在青禾县开店、摆摊、做买卖的个体经营者"),
        ("for {audience:商户贷}", "en", "for shops and stalls"),
        ("{term_max:all}，{online_limit:all}", "zh", "24个月，30万元"),
        ("{spouse_consent_from:all}，{spouse_consent_from:农户贷}", "zh", "10万元，10万元"),
        ("{spouse_consent_from:小微企业贷}", "zh", UNKNOWN["zh"]),
        ("{amount_max:车贷}，{colour:农户贷}，{rate:all}", "zh", "，".join([UNKNOWN["zh"]] * 3)),
        ("{name} 100% {", "zh", "{name} 100% {"),
    ],
)
def test_a_variable_is_filled_in_words_of_its_language(text: str, language: Language, filled: str) -> None:
    assert fill_variables(text, language) == filled


def test_the_figures_are_those_of_today() -> None:
    product = read_seed().find("trader_loan", SINCE)
    assert product
    changed = product.model_copy(update={"annual_rate": (Decimal("5.1"), Decimal("7")), "online_limit": 250_000})
    replace_catalogue(ProductCatalogue({"trader_loan": [(SINCE, changed)]}))
    assert fill_variables("{rate:商户贷} {online_limit:all}") == "5.10%至7.00% 25万元"


def test_all_products_are_described_with_whom_they_are_for() -> None:
    farmer = read_seed().find("farmer_loan", SINCE)
    assert farmer
    orchard = farmer.model_copy(update={"id": "orchard_loan", "name": "果园贷", "audience": "种果树的农户"})
    ended = farmer.model_copy(update={"id": "old_loan", "name": "旧贷", "is_offered": False})
    products = (farmer, orchard, ended)
    replace_catalogue(ProductCatalogue({each.id: [(SINCE, each)] for each in products}))
    assert fill_variables("有这些：{products:all}。") == (
        "有这些：农户贷（在青禾县种植、养殖的农户，年利率4.90%至6.50%）、果园贷（种果树的农户，年利率4.90%至6.50%）。"
    )
    assert fill_variables("{products:all}", "en").startswith("农户贷 (for farmers, 4.90% to 6.50% a year), 果园贷 (for")


def test_the_answer_to_which_loans_there_are_follows_the_catalogue() -> None:
    answer = next(entry.answer for _, entry in read_entries() if entry.id == "loan-products")
    for product in read_seed().list_products(SINCE):
        assert f"{product.name}（{product.audience}，年利率" in fill_variables(answer)


def test_every_variable_of_the_entries_that_ship_is_known() -> None:
    answers = [text for _, e in read_entries() for text in (e.answer, e.english.answer if e.english else "")]
    assert sum(len(VARIABLE.findall(answer)) for answer in answers) > 20
    filled = [fill_variables(answer) for answer in answers]
    assert [text for text in filled if UNKNOWN["zh"] in text or "{" in text] == []
