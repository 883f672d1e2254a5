"""The parsers of what people write: reading and deciding, phones, masks, and what is encrypted."""

from collections.abc import Callable
from random import Random
from typing import Any, get_args

from attack.inputs import Inputs
from attack.parser import Parser
from attack.samples import list_texts
from desk.export import read_period
from desk.origin import read_next
from forms.catalogue import load_catalogue
from imports.columns import list_columns
from imports.formulas import defuse
from imports.reading import read_table
from imports.xlsx_files import write_template
from kit.errors import RequestError
from kit.masking import mask_personal_data
from kit.phones import find_landline, find_phones, read_phone
from kit.placeholders import Placeholders
from kit.text import clean_text
from kit.vault import Vault, VaultError
from knowledge.schemas import Match
from products.rows import ProductRow
from understanding.buttons import press
from understanding.danger import load_topics
from understanding.read import read_message
from understanding.schemas import Evidence, Language, State
from understanding.table import choose_act

LENGTH_MAX = 500  # of a message; longer ones are refused before they are read
LONG = 20_000  # more than any text on a page or in a log
PAYLOAD = '/inform{"product": "农户贷", "amount": "5万"}'
ACTS = ("cancel", "withdraw", "request_human", "complain", "apply_for_loan", "no such act", "")
Draw = Callable[[Inputs], Any]


def list_text_parsers() -> list[Parser]:
    """A parser for each thing that is done to a text."""
    vault = Vault(["a secret of the attack", "an older one"], "hashes by this")
    placeholders = Placeholders(vault, "c")
    encrypted = [vault.encrypt(text, "placeholder c") for text in ("王富贵", "")]
    row = "编码,村名\nV1,石桥村\n"
    tables = [row.encode(), row.encode("gb18030"), write_template(list_columns(ProductRow), "产品")]
    hidden = [f"您好[[{value}]]，{value}" for value in encrypted]
    return [
        Parser("reading and act", draw_message, decide, shares=8),
        Parser("pressed button", _draw_press, lambda drawn: press(*drawn), (ValueError,)),  # of payloads only we write
        Parser("masking", _draw_long, mask_personal_data),
        Parser("phones", _draw_long, _find_numbers),
        Parser("cleaning", _draw_long, clean_text),
        Parser("decrypting", _draw_text(*encrypted), lambda text: vault.decrypt(text, "placeholder c"), (VaultError,)),
        Parser("placeholders", lambda i: i.json([hidden, {"a": hidden}], hidden), placeholders.put_back, (VaultError,)),
        Parser("way back after sign-in", _draw_text("/talks/1?a=b", "//evil.example", "/\\evil"), read_next),
        Parser(
            "period of an export", _draw_text("2026-11-01", "0001-01-01", "9999-12-31"), _read_days, (RequestError,)
        ),
        Parser("cell of an export", _draw_text("=1+1", "@SUM(A1)"), defuse),
        Parser("uploaded table", lambda i: i.data(tables), read_table, (RequestError,)),
    ]


def draw_message(inputs: Inputs) -> tuple[str, State, Evidence]:
    """A message, where the dialogue stands, and what the classifiers say."""
    dice = inputs.dice
    form = dice.choice((None, *load_catalogue().forms, "a form of an older version"))
    slots = tuple(load_catalogue().questions)
    state = State(
        holder=dice.choice(("bot", "bot", "queue", "agent")),
        form=form,
        asked=dice.choice((None, *slots)),
        filled=tuple(dice.sample(slots, dice.randrange(len(slots)))),
        paused=tuple(dice.choices(tuple(load_catalogue().forms), k=dice.randrange(3))),
        product=dice.choice((None, "farmer_loan", "trader_loan", "firm_loan", "gone")),
        question=dice.choice(ACTS),
        last=dice.choice(("", "quota", "calculation", "submitted", "recap", "odd")),
        topic=dice.choice(("", "怎么还款")),
        proposed=dice.choice(("", "20万元", "牛满仓")),
        misses=dice.randrange(5),
        failures=dice.randrange(5),
        has_former=dice.random() < 0.2,
        is_interrupted=dice.random() < 0.2,
        verifying=dice.choice(("", "", "phone", "code")),
        is_aside=dice.random() < 0.2,
        language=dice.choice(get_args(Language)),
    )
    text = inputs.text(list_texts(), LENGTH_MAX * 2)[:LENGTH_MAX]
    return text, state, draw_evidence(dice)


def draw_evidence(dice: Random) -> Evidence:
    """Evidence as the classifiers might give it."""
    match = Match(entry_id="1", revision=1, question="怎么还款", answer="在手机上还", score=dice.random())
    return Evidence(
        intents={dice.choice(ACTS): dice.random(), "ask_question": dice.random()},
        matches=(match,) * dice.randrange(3),
        parts=(match,) * dice.randrange(2),
        unsure_parts=(match,) * dice.randrange(2),
        dangers={topic: dice.random() for topic in load_topics()} if dice.random() < 0.3 else {},
        acts={dice.choice(("repeat", "skip", "why", "wait", "withdraw")): dice.random()},
        lacks_entries=dice.random() < 0.1,
    )


def decide(drawn: tuple[str, State, Evidence]) -> None:
    """As the gateway does it."""
    text, state, evidence = drawn
    asked = load_catalogue().questions.get(state.asked or "")
    reading = read_message(text, asked.kind if asked else None)
    if choose_act(reading, state) is None and choose_act(reading, state, evidence) is None:
        raise LookupError("no act for a message")


def _draw_text(*samples: str) -> Draw:
    return lambda inputs: inputs.text(samples)


def _draw_long(inputs: Inputs) -> str:
    text = inputs.text(list_texts())
    return text[:LONG]


def _draw_press(inputs: Inputs) -> tuple[str, str, State]:
    text, state, _ = draw_message(inputs)
    return inputs.text([PAYLOAD, "/affirm", "/deny", "/cancel", "/request_human"], 300), text, state


def _find_numbers(text: str) -> None:
    find_phones(text)
    read_phone(text)
    find_landline(text)


def _read_days(text: str) -> None:
    read_period(text, "2026-11-02")
    read_period("2026-11-01", text)
