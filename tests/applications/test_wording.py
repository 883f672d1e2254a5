"""What an application about a loan that exists is called, and which loan that is."""

from typing import Any

import pytest

from applications.wording import describe_loan, name_wish

LOAN = {"tail": "3017", "balance": 8_000_000, "matures_on": "2027-01-10"}


def test_a_wish_is_named_by_its_kind() -> None:
    named = [name_wish("农户贷", kind) for kind in ("new", "renewal", "drawdown", "review")]
    assert named == ["农户贷", "农户贷续贷", "农户贷用款", "农户贷年审"]


@pytest.mark.parametrize(
    ("loan", "words"),
    [
        ({}, ""),
        (LOAN, "合同尾号3017，余额80000.00元，到期日2027-01-10"),
        (LOAN | {"is_operating": True}, "合同尾号3017，余额80000.00元，到期日2027-01-10，您说还在经营"),
    ],
)
def test_a_copy_of_their_data_names_the_loan(loan: dict[str, Any], words: str) -> None:
    assert describe_loan(loan) == words
