"""A scorecard's file: dated versions, written and read again without a change."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from scoring.scorecards.scorecard_file import ScorecardError, find_scorecard, read_scorecards, write_scorecard
from tests.scoring.scorecards.cards import make_card


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    card = make_card(expected={470: 0.25, 500: 0.75})
    write_scorecard(tmp_path / "card.yml", card)
    assert read_scorecards(tmp_path / "card.yml") == [card]
    assert card.characteristics["years"].bands[2].start == Decimal("5.5")


def test_the_version_in_force_is_found_by_day(tmp_path: Path) -> None:
    path = tmp_path / "card.yml"
    newer = make_card(since=date(2027, 1, 1), base=480)
    write_scorecard(path, newer)
    write_scorecard(path, make_card())
    assert find_scorecard(path, date(2026, 12, 31)) == make_card()
    assert find_scorecard(path, date(2027, 1, 1)) == newer
    with pytest.raises(ScorecardError, match="2026-10-31"):
        find_scorecard(path, date(2026, 10, 31))


def test_an_approved_version_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "card.yml"
    write_scorecard(path, make_card(approved_by=""))
    write_scorecard(path, make_card(base=490))  # a draft is
    before = path.read_text("utf-8")
    with pytest.raises(ScorecardError, match="is approved"):
        write_scorecard(path, make_card(base=400))
    with pytest.raises(ScorecardError, match="another scorecard"):
        write_scorecard(path, make_card(name="farmers", since=date(2027, 1, 1)))
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "scorecard file has"),
        ("{", "card.yml"),
        ("scorecard: traders\nversions: {}\n", "dates are needed"),
        ("scorecard: traders\nversions: {soon: {}}\n", "dates are needed"),
        ("scorecard: traders\nversions: {2026-11-01: 7}\n", "card.yml"),
        ("scorecard: traders\nversions: {2026-11-01: {base: 1}}\n", "characteristics"),
        ("scorecard: traders\nscorecard: x\nversions: {}\n", "written twice"),
    ],
)
def test_a_file_that_is_no_scorecard_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "card.yml").write_text(text, "utf-8")
    with pytest.raises(ScorecardError, match=complaint) as refusal:
        read_scorecards(tmp_path / "card.yml")
    assert "card.yml" in str(refusal.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScorecardError, match=r"none\.yml"):
        read_scorecards(tmp_path / "none.yml")
