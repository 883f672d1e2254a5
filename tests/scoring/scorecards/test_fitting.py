"""What the business sets holds, whatever the data say; one row has one score."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.scorecards.fitting import fit_scorecard, list_rows
from scoring.scorecards.options import TrainingOptions
from scoring.scorecards.scorecard import Scorecard
from scoring.scorecards.scorecard_file import find_scorecard, write_scorecard
from scoring.scorecards.training_data import TrainingData, read_training_data
from tests.scoring.scorecards.cards import make_table

DAY = date(2026, 11, 29)


def fit(table: str, **options: Any) -> tuple[Scorecard, TrainingData]:
    rules = TrainingOptions.model_validate(options)
    data = read_training_data(table.encode(), "went_bad", rules)
    return fit_scorecard(data, range(len(data.is_bad)), "went_bad", rules, DAY).card, data


@given(seed=st.integers(0, 10_000), way=st.sampled_from(["rising", "falling"]), rows=st.integers(250, 500))
@settings(max_examples=15, deadline=None)
def test_points_move_the_way_that_the_business_sets(seed: int, way: str, rows: int) -> None:
    # Also against the data: then the column is one band, and is left out.
    columns = {"years": {"direction": way}, "debt": {"direction": "falling"}}
    card, _ = fit(make_table(rows, seed), columns=columns, iv_min=0)
    for name in {"years", "debt"} & set(card.characteristics):
        characteristic = card.characteristics[name]
        assert characteristic.direction == columns[name]["direction"]
        is_rising = characteristic.direction == "rising"
        for lower, upper in pairwise(band.points for band in characteristic.bands):
            assert (lower <= upper) if is_rising else (lower >= upper)


@given(seed=st.integers(0, 10_000), years=st.floats(-5, 40), trade=st.sampled_from(["餐饮", "零售", "养蜂", ""]))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_row_has_one_score(tmp_path: Path, seed: int, years: float, trade: str) -> None:
    """In a table of training cells, alone as facts, and by the file that was written and read again."""
    card, data = fit(make_table(250, seed))
    path = tmp_path / f"{seed}.yml"
    write_scorecard(path, card)
    again = find_scorecard(path, DAY)
    assert again == card
    table = list_rows(data, range(20))
    batch = [card.score(row) for row in table]
    assert [again.score(row) for row in table] == batch
    typed = [
        {name: float(cell) if data.kinds[name] == "number" and cell else cell or None for name, cell in row.items()}
        for row in table
    ]
    assert [again.score(row) for row in typed] == batch
    assert again.score({"years": years, "trade": trade}) == card.score({"years": repr(years), "trade": trade})


def test_nobody_gains_by_leaving_a_question_open() -> None:
    # Those without a debt in the table are the safe ones: the missing value is worth an average customer's points.
    lines = make_table().splitlines()
    safe = "\n".join([lines[0], *(line for line in lines[1:] if ",," not in line or line.endswith("0"))])
    card, _ = fit(safe, columns={"debt": {"direction": "falling"}})
    assert card.characteristics["debt"].missing.rows > 20
    assert card.characteristics["debt"].missing.points < card.characteristics["debt"].points_max
    assert all(loss.characteristic != "debt" for loss in card.list_losses({"debt": 0, "years": 1}))


def test_a_column_that_is_nearly_always_missing_is_left_out() -> None:
    lines = make_table().splitlines()
    rare = [f"{lines[0]},well,soil", *(f"{line},," for line in lines[1:])]
    rare[1], rare[2] = rare[1] + "沙", rare[2] + "土"
    rare[3], rare[4] = f"{lines[3]},7,", f"{lines[4]},9,"
    options = TrainingOptions()
    data = read_training_data("\n".join(rare).encode(), "went_bad", options)
    everywhere = fit_scorecard(data, range(400), "went_bad", options, DAY)
    without = fit_scorecard(data, range(10, 400), "went_bad", options, DAY)  # none of the rows has a value
    for fitted in (everywhere, without):
        assert {"well", "soil"} <= set(fitted.left_out)


def test_what_is_never_missing_in_training_is_worth_what_the_business_says() -> None:
    worst, _ = fit(make_table(), columns={"years": {"missing": "worst"}})
    neutral, _ = fit(make_table())
    assert worst.characteristics["years"].missing.points == 0
    assert neutral.characteristics["years"].missing.points > 0


def test_rare_categories_are_pooled_and_unknown_ones_join_them() -> None:
    lines = make_table().splitlines()
    lines[1:16] = [line.replace("餐饮", "养蜂").replace("批发", "酿酒") for line in lines[1:16]]
    card, _ = fit("\n".join(lines))
    trade = card.characteristics["trade"]
    assert {value for band in trade.bands for value in band.values} == {"餐饮", "批发", "零售"}
    assert trade.other
    assert trade.get_points("养蜂") == trade.get_points("从没见过") == trade.other.points


def test_the_business_may_set_edges_and_groups() -> None:
    columns = {
        "years": {"edges": [7, 14], "direction": "rising"},
        "trade": {"groups": [["餐饮"], ["批发", "零售"]], "direction": "rising"},
    }
    card, _ = fit(make_table(), columns=columns)
    assert [band.start for band in card.characteristics["years"].bands] == [None, 7, 14]
    assert [band.values for band in card.characteristics["trade"].bands] == [("餐饮",), ("批发", "零售")]


def test_large_sums_keep_their_last_digits() -> None:
    # A tree compares numbers of seven digits; the bands are cut by exact ones.
    lines = make_table().splitlines()
    large = "\n".join(
        [lines[0], *(f"{10**15 + int(line.split(',')[0])},{line.split(',', 1)[1]}" for line in lines[1:])]
    )
    small_card, large_card = fit("\n".join(lines))[0], fit(large)[0]
    starts = [band.start for band in large_card.characteristics["years"].bands[1:]]
    assert [start - 10**15 for start in starts if start] == [
        band.start for band in small_card.characteristics["years"].bands[1:]
    ]
