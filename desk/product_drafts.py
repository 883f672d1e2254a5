"""Drafts of products: who may write and approve them, and what they are refused for."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from desk.drafts import find_base
from desk.topics import Problems, RevisionsByKey, Topic
from products.record import product_revisions
from products.schemas import build_product, find_problems
from revisions import rules
from revisions.schemas import Content
from scoring.policy_file import find_conflict
from understanding.districts import find_unknown


async def check_product(
    session: AsyncSession, product_id: str, content: Content, day: date
) -> tuple[Content, Problems]:
    """See Topic.check."""
    if problems := find_problems(product_id, content):
        return content, problems
    content = build_product(product_id, 0, content).dump_content()
    return content, find_outer_problems(product_id, content, day, await PRODUCTS.read_revisions(session))


def find_outer_problems(product_id: str, content: Content, day: date, revisions: RevisionsByKey) -> Problems:
    """What is wrong beside the product itself: its name is another's, nothing else is offered, or its rates are not the
    policy's.
    """
    open_states = ("approved", "draft")
    names = {
        each.content["name"]
        for key, group in revisions.items()
        if key != product_id
        for each in group
        if each.state in open_states
    }
    problems = {"name": "已有别的产品叫这个名字"} if content["name"] in names else {}
    others = [find_base(group, day) for key, group in revisions.items() if key != product_id]
    if not content["is_offered"] and not any(each and each["is_offered"] for each in others):
        problems["is_offered"] = "这是最后一种在办的产品，不能停办"
    if unknown := find_unknown(content["districts"]):
        problems["districts"] = f"不认识{'、'.join(unknown)}，请填本行服务的县、镇或村"
    later = rules.list_scheduled(revisions.get(product_id, []), day)
    until = later[0].effective_from if later else date.max
    if conflict := find_conflict(build_product(product_id, 0, content), day, until):
        problems["annual_rate"] = conflict
    return problems


PRODUCTS = Topic(
    "product",
    "产品",
    product_revisions,
    {"view": "products", "draft": "draft_products", "approve": "approve_products"},
    check_product,
    "/products",
)
