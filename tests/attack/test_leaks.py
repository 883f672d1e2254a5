"""A name or number is found in every spelling, and nothing else is."""

from pathlib import Path
from random import Random

from attack.leaks import make_person, search, spell


def test_a_leak_is_noticed_in_every_spelling(dice: Random, tmp_path: Path) -> None:
    person = make_person(dice)
    said = [person.name, ascii(person.name)[1:-1]]
    said += [spelt for number in (person.phone, person.identity, person.card) for spelt in spell(number)]
    for number, words in enumerate(said):
        path = tmp_path / f"{number}.log"
        path.write_text(f"2026-07-01 INFO 我是{words}，谢谢")
        assert list(search([path], [person])), words
    path.write_text(f"2026-07-01 {person.phone[:3]}****{person.phone[-4:]} {2**60}")
    assert list(search([path], [person])) == []
