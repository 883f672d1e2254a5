"""Which products are offered to choose from, and what becomes of one that is not any more."""

from collections.abc import Iterator

import pytest

from bot.actions.form_filling import fill
from bot.actions.product_choice import list_choices
from bot.actions.taken import Found, Unclear
from bot.actions.values import take_place, take_product, take_purpose
from forms.catalogue import load_catalogue
from products.catalogue import ProductCatalogue, list_products, read_seed, replace_catalogue
from understanding.buttons import press
from understanding.schemas import Act, Fact, State

SINCE = read_seed().products["farmer_loan"][-1][0]
FORM = load_catalogue().forms["application_form"]


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


def end(product_id: str) -> None:
    """Takes a product off offer."""
    products = {product.id: product for product in list_products()}
    products[product_id] = products[product_id].model_copy(update={"is_offered": False})
    replace_catalogue(ProductCatalogue({key: [(SINCE, product)] for key, product in products.items()}))


def test_each_product_has_a_button_by_its_trade_or_where_several_share_it_by_its_name() -> None:
    farmer, trader, firm = list_products()
    orchard = farmer.model_copy(update={"id": "orchard_loan", "name": "果园贷"})
    assert [choice["title"] for choice in list_choices([farmer, trader, firm])] == ["种地养殖", "开店摆摊", "公司企业"]
    assert [choice["title"] for choice in list_choices([farmer, orchard, trader])] == ["农户贷", "果园贷", "开店摆摊"]
    assert list_choices([orchard]) == [{"title": "种地养殖", "payload": '/inform{"product": "果园贷"}'}]


def test_a_product_off_offer_is_not_taken_and_said_to_be_over() -> None:
    end("farmer_loan")
    taken = take_product([Fact(kind="product", role="product", text="农户贷")], {}, None)
    assert taken == Unclear("not_offered", high="农户贷")
    assert [choice["title"] for choice in list_choices(list_products())] == ["开店摆摊", "公司企业"]


def test_one_that_ends_while_a_form_is_open_is_asked_for_again() -> None:
    slots = {"application_consent": True, "product": "农户贷", "amount": 50_000}
    told = Act(name="inform", facts=(Fact(kind="span", role="term", low=12, high=12),))
    before = fill(FORM, slots, "term", told)
    assert before
    assert before.requested == "purpose"
    end("farmer_loan")
    update = fill(FORM, slots, "term", told)
    assert update
    assert (update.requested, update.hint) == ("product", Unclear("not_offered", high="农户贷"))
    assert update.values["product"] is None


def test_a_purpose_that_a_product_rules_out_is_asked_for_again_also_when_the_product_changes() -> None:
    use = Fact(kind="purpose", role="purpose", text="固定资产投资")
    assert take_purpose([use], {"product": "农户贷"}, None) == Found("固定资产投资")
    ruled_out = Unclear("prohibited", high="固定资产投资")
    assert take_purpose([use], {"product": "小微企业贷"}, None) == ruled_out
    slots = {"application_consent": True, "product": "农户贷", "amount": 50_000, "term": 12, "purpose": use.text}
    told = Act(name="inform", facts=(Fact(kind="product", role="product", text="小微企业贷"),))
    update = fill(FORM, slots, "region", told)
    assert update
    assert (update.requested, update.hint) == ("purpose", ruled_out)


def limit_to(product_id: str, *districts: str) -> None:
    """Offers a product in some districts only."""
    products = {product.id: product for product in list_products()}
    products[product_id] = products[product_id].model_copy(update={"districts": districts})
    replace_catalogue(ProductCatalogue({key: [(SINCE, product)] for key, product in products.items()}))


@pytest.mark.parametrize(
    ("districts", "place", "is_taken"),
    [
        ((), "柳河镇王家村", True),
        (("青禾县",), "柳河镇王家村", True),
        (("柳河镇",), "柳河镇王家村", True),
        (("柳河镇",), "王家村", True),
        (("柳河镇",), "青山镇张家屯", False),
        (("柳河镇",), "张家屯", False),
        (("城关镇", "青山镇"), "青山镇张家屯3组", True),
        (("王家村",), "柳河镇王家村", True),
        (("王家村",), "柳河镇李家村", False),
        (("柳河",), "青山镇", False),
        (("柳河镇",), "一个没听过的地方", True),
        (("一个没听过的镇",), "柳河镇王家村", True),
    ],
)
def test_a_place_where_the_product_is_not_offered_is_not_taken(
    districts: tuple[str, ...], place: str, is_taken: bool
) -> None:
    limit_to("farmer_loan", *districts)
    taken = take_place([Fact(kind="place", role="region", text=place)], {"product": "农户贷"}, None)
    refused = Unclear("elsewhere", low="农户贷", high="、".join(districts))
    assert taken == (Found(place) if is_taken else refused)
    assert isinstance(take_place([Fact(kind="place", role="region", text=place)], {}, None), Found)


def test_a_place_is_asked_for_again_when_the_product_changes_to_one_of_other_districts() -> None:
    limit_to("trader_loan", "城关镇")
    slots = {"application_consent": True, "product": "农户贷", "amount": 50_000, "term": 12, "purpose": "进货"}
    told = Act(name="inform", facts=(Fact(kind="product", role="product", text="商户贷"),))
    update = fill(FORM, slots | {"region": "柳河镇王家村"}, "name", told)
    assert update
    assert (update.requested, update.hint) == ("region", Unclear("elsewhere", low="商户贷", high="城关镇"))
    assert update.values["region"] is None


def test_the_button_under_that_question_asks_for_another_product() -> None:
    limit_to("farmer_loan", "城关镇")
    slots = {"application_consent": True, "product": "农户贷", "amount": 50_000, "term": 12, "purpose": "进货"}
    pressed = press('/edit{"slot": "product"}', "换一种贷款", State(form="application_form", asked="region"))
    update = fill(FORM, slots, "region", pressed)
    assert update
    assert (update.requested, update.values) == ("product", {"product": None})
