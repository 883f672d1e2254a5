"""What the reading of a paper states, and how a customer says that it is right."""

from typing import Any

import pytest

from pictures.schemas import PictureReading
from understanding.papers import list_facts
from understanding.read import read_message
from understanding.schemas import State
from understanding.table import choose_act

CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "an identity card of our county",
        "identity_card",
        {"name": "王秀英", "id_number": "990123198505050018", "address": "青禾县柳河镇王家村3组12号", "sex": "女"},
        {"name": "王秀英", "id_number": "990123198505050018", "region": "青禾县柳河镇王家村3组12号"},
    ),
    (
        "one from elsewhere says nothing of where they live",
        "identity_card",
        {"name": "李四", "id_number": "990123198505050018", "address": "四川省成都市武侯区人民南路1号"},
        {"name": "李四", "id_number": "990123198505050018"},
    ),
    ("its back", "identity_card_back", {"issued_by": "青禾县公安局", "valid_until": "长期"}, {}),
    (
        "a licence",
        "business_licence",
        {"company": "青禾县绿源农资有限公司", "credit_code": "91990100MA0BXY2Q5A", "legal_person": "李四"},
        {"company": "青禾县绿源农资有限公司", "credit_code": "91990100MA0BXY2Q5A", "legal_person": "李四"},
    ),
    ("a contract, whoever's it is", "land_contract", {"name": "王大山", "land_mu": 15.5}, {"land_mu": 15.5}),
    ("a statement", "bank_statement", {"name": "王大山", "total_in": 12000.0, "total_out": 9000.0}, {}),
    ("what nobody knows", "unknown", {}, {}),
    ("a card without a certain number", "identity_card", {}, {}),
]


@pytest.mark.parametrize(("what", "kind", "fields", "stated"), CASES, ids=[case[0] for case in CASES])
def test_a_paper_states(what: str, kind: Any, fields: dict[str, Any], stated: dict[str, Any]) -> None:
    facts = list_facts(PictureReading(kind=kind, quality="good", fields=fields))
    assert {fact.role: fact.text or fact.low for fact in facts} == stated


SHOWN = State(question="use_picture", paused=("application_form",), product="农户贷")


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ("对", "use_picture"),
        ("对的", "use_picture"),
        ("没错", "use_picture"),
        ("yes", "use_picture"),
        ("不对", "resume_application"),
        ("no", "resume_application"),
    ],
)
def test_a_typed_answer_to_what_was_shown(said: str, act: str) -> None:
    chosen = choose_act(read_message(said), SHOWN)
    assert chosen
    assert chosen.name == act
