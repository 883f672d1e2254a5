"""rules.yml says what the functions need; a new rule begins in shadow, and a wrong file is refused."""

from datetime import date

import pytest

from early_warning.rule_book import FILE, load_rules, read_rules
from early_warning.rules import RULES

TEXT = FILE.read_text("utf-8")


def test_the_file_that_ships() -> None:
    book = load_rules()
    assert book.keys() == RULES.keys()
    live = [code for code, rule in book.items() if rule.find_mode(date(2026, 12, 1)) == "live"]
    assert live == [code for code in book if code != "portrait_changed"]


def test_a_mode_and_a_number_have_their_dates() -> None:
    rule = load_rules()["no_contact"]
    modes = [rule.find_mode(date(2026, 1, 1)), rule.find_mode(date(2026, 3, 1)), rule.find_mode(date(2025, 12, 31))]
    assert modes == ["shadow", "live", "stopped"]
    assert rule.read_values(date(2026, 7, 1)) == {"days": 14}


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("mode: {2026-11-01: shadow}", "mode: {2026-11-01: live}", "in shadow first"),
        ("2026-01-01: shadow, 2026-03-01: live", "2026-03-01: shadow, 2026-01-01: live", "have to rise"),
        ("values: {2026-11-01: 40}", "values: {2026-11-02: 40}", "no value on"),
        ("values: {2026-11-01: 40}", "values: {2026-11-01: 40.5}", "whole numbers"),
        ("no_contact:", "nobody_knows:", "without a function"),
        ("unit: percent", "unit: yuan", "needs the parameters"),
        ("severity: low", "severity: grave", "severity"),
        ("no_contact:", "told_overdue:", "written twice"),
    ],
)
def test_a_wrong_file(before: str, after: str, problem: str) -> None:
    assert before in TEXT
    with pytest.raises(Exception, match=problem):
        read_rules(TEXT.replace(before, after))
