"""What the bot says of a product is what the scoring policy in force decides by."""

from datetime import date

import pytest

from products.catalogue import list_products
from products.schemas import Product
from scoring.policy import Policy
from scoring.policy_file import load_policies

# The newest policy: what products/seed.yml says is what holds from now on.
POLICIES = {product: history.get_policy(date.max) for product, history in load_policies().items()}


def test_the_same_products_are_offered_scored_and_taken() -> None:
    offered = {product.id for product in list_products()}
    assert offered == set(POLICIES)


@pytest.mark.parametrize("product", list_products(), ids=lambda product: product.id)
def test_its_figures_are_those_of_the_policy(product: Product) -> None:
    policy: Policy = {str(key): value for key, value in POLICIES.items()}[product.id]
    assert (product.name, product.amount_min) == (policy.title, policy.amount_min)
    assert (product.online_limit, product.amount_max) == (policy.online_limit, policy.amount_max)
    assert product.term_max == policy.term_max
    assert product.annual_rate == (min(policy.grade_rate.values()), max(policy.grade_rate.values()))
