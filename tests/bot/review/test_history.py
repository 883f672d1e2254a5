"""What was reviewed stays reviewed."""

from pathlib import Path

from bot.review.history import ReviewHistory


def test_it_is_remembered_from_one_run_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "var" / "review.json"
    history = ReviewHistory(path)
    assert not history.has("c/1")
    history.add("c/1", "ordinary")
    assert history.has("c/1")
    again = ReviewHistory(path)
    again.add("c/2", "dialogue")
    assert [ReviewHistory(path).has(key) for key in ("c/1", "c/2", "c/3")] == [True, True, False]
