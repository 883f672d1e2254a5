"""The files an empty knowledge base is filled from: what they may contain."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from knowledge.seeding import read_seed

GOOD = "- {id: card-lost, question: 卡丢了怎么办？, similar_questions: [卡不见了], answer: 请马上挂失。}\n"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_entries_are_read_file_by_file_and_the_file_is_the_category(tmp_path: Path) -> None:
    write(tmp_path, "loans.yml", GOOD.replace("card-lost", "loan-2") + GOOD.replace("card-lost", "loan-1"))
    write(tmp_path, "cards.yml", GOOD)
    write(tmp_path, "notes.txt", "not an entry")
    found = list(read_seed(tmp_path))
    assert [(category, entry.id) for category, entry in found] == [
        ("cards", "card-lost"),
        ("loans", "loan-2"),
        ("loans", "loan-1"),
    ]
    assert found[0][1].model_dump() == {
        "id": "card-lost",
        "question": "卡丢了怎么办？",
        "similar_questions": ["卡不见了"],
        "answer": "请马上挂失。",
        "follow_ups": [],
        "source": None,
        "english": None,
    }


def test_english_questions_are_other_ways_to_ask(tmp_path: Path) -> None:
    english = "{question: I lost my card, similar_questions: [card lost], answer: Block it.}"
    write(tmp_path, "cards.yml", GOOD.replace("}", f", english: {english}}}"))
    ((_, entry),) = read_seed(tmp_path)
    assert entry.list_similar() == ["卡不见了", "I lost my card", "card lost"]


def test_space_around_a_text_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, "cards.yml", GOOD.replace("卡不见了", '"  卡不见了\\n "'))
    ((_, entry),) = read_seed(tmp_path)
    assert entry.similar_questions == ["卡不见了"]


def test_a_folder_without_files_has_no_entries(tmp_path: Path) -> None:
    assert list(read_seed(tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("card-lost", "Card Lost", "id"),
        ("card-lost", "card-", "id"),
        ("card-lost", "a" * 65, "id"),
        ("id: card-lost, ", "", "id"),
        ("question: 卡丢了怎么办？, ", "", "question"),
        ("卡丢了怎么办？", '" "', "question"),
        ("[卡不见了]", "[]", "similar_questions"),
        ("[卡不见了]", "卡不见了", "similar_questions"),
        ("[卡不见了]", '[卡不见了, ""]', "similar_questions.1"),
        ("请马上挂失。", "答" * 501, "answer"),
        ("answer: 请马上挂失。", "answer: 请马上挂失。, anwser: 错字", "anwser"),
        (GOOD, "card-lost: {question: 卡丢了怎么办？}", ""),
        (GOOD, "", ""),
    ],
)
def test_a_malformed_entry_is_refused_and_its_place_named(tmp_path: Path, old: str, new: str, place: str) -> None:
    write(tmp_path, "cards.yml", GOOD.replace(old, new))
    with pytest.raises(ValidationError) as refused:
        list(read_seed(tmp_path))
    places = [".".join(map(str, error["loc"][1:])) for error in refused.value.errors()]
    assert places == [place]
