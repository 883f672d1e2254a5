"""Shares of alarms caught and of ordinary messages alarmed."""

from pathlib import Path

import pytest

from knowledge.__main__ import main
from knowledge.evaluate import InputError
from knowledge.evaluate_danger import BARS, evaluate_danger, read_groups
from tests.knowledge.entries import LESSONS
from tests.knowledge.hashing_encoder import HashingEncoder

GROUPS = {
    "lost_phone": ["手机被人偷走了", "我的手机丢了"],
    "scam": ["他叫我先转保证金", "要我交钱", "贷款下来就跑了"],
    "ordinary": ["手机没电", "下雨天"],
    "greet": ["你好"],
}


def test_groups_named_like_topics_are_the_alarms() -> None:
    measured = evaluate_danger(LESSONS, GROUPS, HashingEncoder())
    assert (measured["alarms"], measured["ordinary"]) == (5, 3)
    assert measured["by_topic"].keys() == {"lost_phone", "scam"}
    assert measured["caught"] >= 0.6
    assert measured["false_alarms"] == 0
    assert [row["bar"] for row in measured["bars"]] == list(BARS)
    caught = [row["caught"] for row in measured["bars"]]
    assert caught == sorted(caught, reverse=True)


def test_without_texts_there_is_no_share() -> None:
    measured = evaluate_danger(LESSONS, {"greet": ["你好"]}, HashingEncoder())
    assert (measured["caught"], measured["alarms"], measured["ordinary"]) == (None, 0, 1)


def test_groups_of_several_files_come_together(tmp_path: Path) -> None:
    for name, text in (("a", "手机丢了"), ("b", "手机没了")):
        (tmp_path / name).write_text(f"- {{id: lost_phone, texts: [{text}], note: x}}\n", encoding="utf-8")
    assert read_groups([tmp_path / "a", tmp_path / "b"]) == {"lost_phone": ["手机丢了", "手机没了"]}


@pytest.mark.parametrize("content", ["- {id: a}\n", "a: b\n", "[", ""])
def test_a_malformed_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "groups.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"groups\.yml: "):
        read_groups([path])


def test_the_command_says_what_is_wrong_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate-danger", "no-such-file.yml"]) == 2
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
