"""What was read of a paper, in words."""

from typing import get_args

import pytest

from documents.describing import LABELS, describe_fields
from documents.schemas import DocumentKind, DocumentView, Value
from tests.documents.samples import make_document

CASES: list[tuple[DocumentKind, dict[str, Value], list[tuple[str, str]]]] = [
    (
        "bank_statement",
        {"total_in": 12000.5, "name": "王大山", "account": "8831", "period_from": "2026-01-01"},
        [("户名", "王大山"), ("账号尾号", "8831"), ("流水从", "2026年1月1日"), ("收入合计", "12000.50元")],
    ),
    (
        "identity_card_back",
        {"issued_by": "柳溪县公安局", "valid_until": "长期"},
        [("签发机关", "柳溪县公安局"), ("有效期至", "长期")],
    ),
    (
        "land_contract",
        {"name": "王大山", "land_mu": 15.5, "valid_until": "2028-09-30"},
        [("承包方", "王大山"), ("面积", "15.5亩"), ("有效期至", "2028年9月30日")],
    ),
    ("unknown", {}, []),
]


def view(kind: DocumentKind, fields: dict[str, Value]) -> DocumentView:
    return make_document(b"x", kind=kind, fields=fields).view


@pytest.mark.parametrize(("kind", "fields", "told"), CASES, ids=[case[0] for case in CASES])
def test_fields_have_names_that_staff_know(
    kind: DocumentKind, fields: dict[str, Value], told: list[tuple[str, str]]
) -> None:
    assert describe_fields(view(kind, fields)) == told


def test_no_field_that_is_read_stays_without_a_name() -> None:
    read = "name id_number address birth_date sex issued_by valid_until company credit_code legal_person company_type"
    read += " founded_on land_mu place account period_from period_to total_in total_out"
    assert set(read.split()) == LABELS.keys()
    assert {kind for kind, _, _ in CASES} <= set(get_args(DocumentKind))
