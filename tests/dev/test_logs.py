"""`make logs`: one conversation through the logs of all parts."""

from pathlib import Path

from dev.logs import merge


def test_lines_of_all_parts_stand_in_the_order_of_time_and_tracebacks_stay_together(tmp_path: Path) -> None:
    desk, rasa = tmp_path / "desk.log", tmp_path / "rasa.log"
    desk.write_text("starting\n2026-11-26 09:00:02,000 INFO desk [a/1] three\n")
    rasa.write_text(
        "2026-11-26 09:00:01,000 ERROR rasa [a/1] one\nTraceback (most recent call last):\n"
        "2026-11-26 09:00:01,500 INFO rasa [a/1] two\n"
    )
    assert [
        line.split(" ", 1)[0] + line[10:].rpartition(" ")[1] + line.split()[-1] for line in merge([desk, rasa])
    ] == [
        "desk starting",
        "rasa one",
        "rasa last):",
        "rasa two",
        "desk three",
    ]
