"""The shipped texts that the service learns from."""

from collections import Counter
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from knowledge.character_pairs import simplify
from knowledge.lessons import ORDINARY, Lessons, read_dangers, read_lessons, read_lists, read_paraphrases
from understanding.situation import REVERSIBLE

TOPICS = [
    "crime",
    "data_leak",
    "death",
    "law",
    "life",
    "loan_shark",
    "lost_documents",
    "lost_phone",
    "press",
    "scam",
    "stolen_identity",
]
TOPICS += ["stolen_money", "violence"]
EXAMPLES_MIN = 50


@pytest.fixture(scope="module")
def shipped() -> Lessons:
    return read_lessons()


def test_every_topic_has_examples_and_none_stands_in_two(shipped: Lessons) -> None:
    assert sorted(known.name for known in shipped.classes if known.kind == "danger") == TOPICS
    texts = [(simplify(text), topic) for topic, own in read_dangers().items() for text in own]
    assert [plain for plain, count in Counter(plain for plain, _ in set(texts)).items() if count > 1] == []
    assert all(len(known.texts) >= EXAMPLES_MIN for known in shipped.classes if known.kind == "danger")


def test_there_are_as_many_ordinary_messages_as_alarms() -> None:
    dangers = read_dangers()
    ordinary = dangers.pop(ORDINARY)
    assert len(ordinary) >= sum(len(own) for own in dangers.values())


def test_every_act_that_is_done_on_a_guess_has_examples(shipped: Lessons) -> None:
    examples = {known.name: len(known.texts) for known in shipped.classes if known.kind == "act"}
    assert {act: examples.get(act, 0) for act in REVERSIBLE if examples.get(act, 0) < EXAMPLES_MIN} == {}


def test_a_text_belongs_to_one_class(shipped: Lessons) -> None:
    texts = Counter(text for known in shipped.classes for text in known.texts)
    assert [text for text, count in texts.items() if count > 1] == []


def test_what_is_foreign_is_no_text_of_an_entry(shipped: Lessons) -> None:
    own = {simplify(text) for texts in shipped.paraphrases.values() for text in texts}
    assert [text for text in shipped.foreign if simplify(text) in own] == []
    assert len(shipped.foreign) > 1000


def test_no_text_is_listed_twice(shipped: Lessons) -> None:
    texts = shipped.list_texts()
    assert len(texts) == len(set(texts)) > 10_000


def test_files_are_read_by_their_kind(tmp_path: Path) -> None:
    (tmp_path / "scam.yml").write_text("- 骗我转账\n- 要验证码\n", encoding="utf-8")
    assert read_dangers(tmp_path) == {"scam": ["骗我转账", "要验证码"]}
    (tmp_path / "talk").write_text("'yes': [对, 是的]\n'no': [不]\n", encoding="utf-8")
    assert read_lists(tmp_path / "talk") == ["对", "是的", "不"]


def test_groups_of_several_files_are_read_together(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump([{"id": name, "texts": [name * 2]}]), encoding="utf-8")
    assert read_paraphrases(tmp_path) == {"a": ["aa"], "b": ["bb"]}


@pytest.mark.parametrize("content", ["- {id: a}\n", "- {id: a, texts: [1]}\n", "a: [b]\n", ""])
def test_a_malformed_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ValidationError):
        read_paraphrases(tmp_path)
