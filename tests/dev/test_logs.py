"""`make logs`: the logs of all processes as one, and those of the start before kept."""

from pathlib import Path

from dev.logs import keep_previous_logs, merge


def test_lines_of_all_processes_stand_in_the_order_of_time_and_tracebacks_stay_together(tmp_path: Path) -> None:
    one = "2026-11-26 09:00:01,000 ERROR rasa [a/1] one"
    two = "2026-11-26 09:00:01,500 INFO rasa [a/1] two"
    three = "2026-11-26 09:00:02,000 INFO desk [a/1] three"
    desk, rasa = tmp_path / "desk.log", tmp_path / "rasa.log"
    desk.write_text(f"starting\n{three}\n")
    rasa.write_text(f"{one}\nTraceback\n{two}\n")
    assert merge([desk, rasa]) == [
        "desk       starting",
        f"rasa       {one}",
        "rasa       Traceback",
        f"rasa       {two}",
        f"desk       {three}",
    ]


def test_the_logs_of_the_start_before_are_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    for text in ("first", "second"):
        keep_previous_logs(folder)
        assert not list(folder.glob("*.log"))
        (folder / "desk.log").write_text(text)
    keep_previous_logs(folder)
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("desk.log.1", "second")]
