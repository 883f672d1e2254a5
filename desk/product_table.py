"""Products as rows of a table."""

from collections.abc import Callable, Sequence
from datetime import date

from desk.product_drafts import PRODUCTS, find_outer_problems
from desk.topic_import import TopicTable
from desk.topics import Problems, RevisionsByKey
from products.rows import ROW_FIELDS, ProductRow, build_row
from products.schemas import build_product, find_problems
from revisions.schemas import Content


def _make_check(rows: Sequence[ProductRow], day: date, revisions: RevisionsByKey) -> Callable[[ProductRow], Problems]:
    def check(row: ProductRow) -> Problems:
        problems = find_problems(row.id, row.to_content())
        if not problems:
            problems = find_outer_problems(row.id, _build_content(row), day, revisions)
        return {ROW_FIELDS.get(field, field): reason for field, reason in problems.items()}

    return check


def _build_content(row: ProductRow) -> Content:
    return build_product(row.id, 0, row.to_content()).dump_content()


PRODUCT_TABLE = TopicTable(
    topic=PRODUCTS,
    subject="products",
    model=ProductRow,
    build_row=lambda key, content: build_row(build_product(key, 0, content)),
    build_content=_build_content,
    make_check=_make_check,
)
