"""The cells of the matrix: form x question x pattern, each with what must be said, stored and asked next."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.actions.conversation import MUCH
from forms.catalogue import LEFT_OPEN, Question, load_catalogue
from products.catalogue import list_products
from products.schemas import Product
from tests.end_to_end.matrix_places import (
    CONTENT,
    Expected,
    Place,
    Slots,
    Step,
    Turns,
    find_answer,
    finish,
    has_answer,
    list_places,
)

CORRECTED = 3
VOLUNTEERED = 2  # answers told beside the one that was asked for


@dataclass(frozen=True)
class Cell:
    """One cell: the messages of a pattern at a question."""

    place: Place
    pattern: str
    steps: Turns

    def __str__(self) -> str:
        return f"{self.place.form.id}[{self.place.product.id}].{self.place.slot}: {self.pattern}"


def list_talks(pattern: str) -> list[list[Cell]]:
    """All cells of a pattern, in talks: where a cell leaves only answers of the next one's, both are in one talk."""
    talks: list[list[Cell]] = []
    for cell in (Cell(place, pattern, steps) for place in list_places() for steps in PATTERNS[pattern](place)):
        if talks and _leads_on(talks[-1][-1], cell.place):
            talks[-1].append(cell)
        else:
            talks.append([cell])
    return talks


def _leads_on(cell: Cell, place: Place) -> bool:
    left, own = cell.steps[-1].expected, cell.place
    is_same_form = (own.form.id, own.product.id) == (place.form.id, place.product.id)
    return is_same_form and left.asks is not None and left.stored.items() <= place.stored.items()


def _say(place: Place, pattern: str, expected: Expected, turn: int = 0) -> Step:
    """One of the ways to say it; the next question gets the next way."""
    words = CONTENT["patterns"][pattern]
    said = words["say"][(place.number + turn) % len(words["say"])]
    return Step(said, replace(expected, hear=(*expected.hear, *words.get("hear", ()))))


def _consent(place: Place, told: Slots) -> Turns:
    """What was told before consent counts once it is given."""
    if place.question.kind != "consent":
        return ()
    answer = place.find(place.question, "answer")
    return (Step(answer.say, place.go_on({place.slot: answer.stored, **told})),)


def _ask_question(place: Place) -> Turns:
    """The entry is heard, and the question is asked again."""
    return (_say(place, "question", place.stay()),)


def _calculate(place: Place) -> Turns:
    """Is told and changes nothing; the calculator itself is done then."""
    if place.form.id != "repayment_form":
        return (_say(place, "calculator", place.stay()),)
    return (_say(place, "calculator", finish(place.form, CONTENT["patterns"]["calculator"]["stored"])),)


def _correct(place: Place) -> Iterator[Turns]:
    """Changes each answer before; where there is none yet, what comes later is told that way and kept."""
    # Each answer is changed at the questions right after it, the first one at all of them.
    for changed in (*place.answered[:1], *place.answered[1:][-CORRECTED:]):
        product = _find_other(place) if changed.kind == "product" else place.product
        correction = find_answer(changed, "correction", product)
        after = place.go_on({**place.stored, changed.slot: correction.stored}, hear=("utter_changed",))
        yield (Step(correction.say, after),)
    if not place.answered:
        yield _correct_later(place)


def _correct_later(place: Place) -> Turns:
    later = next(question for question in place.after if question.kind not in ("product", "confirmation"))
    correction = place.find(later, "correction")
    told = {later.slot: correction.stored}
    if place.question.kind == "consent":
        return (Step(correction.say, place.stay(hint="early", is_new=True)), *_consent(place, told))
    return (Step(correction.say, place.go_on({**place.stored, **told}, hear=("utter_noted",))),)


def _go_back(place: Place) -> Turns:
    """The question before is asked again, its answer is dropped."""
    if not place.answered:
        return (_say(place, "back", place.stay(hear=("utter_hint_first",))),)
    last = place.answered[-1].slot
    stored = {slot: value for slot, value in place.stored.items() if slot != last}
    return (_say(place, "back", Expected(stored, last)),)


def _skip(place: Place) -> Turns:
    """A question that may be left open is; any other says why it is needed, and asks again."""
    if place.slot in place.form.optional:
        left = place.go_on({**place.stored, place.slot: LEFT_OPEN}, hear=("utter_hint_left_open",))
        return (_say(place, "skip", left),)
    hint = "unclear" if place.question.kind == "consent" else "required"
    return (_say(place, "skip", place.stay(hint=hint, is_new=True)),)


def _ask_why(place: Place) -> Turns:
    """The reason, and the question again."""
    return (_say(place, "why", place.stay(hear=(f"utter_why_{place.slot}",))),)


def _repeat(place: Place) -> Turns:
    """The question again, though not as if nothing had been said."""
    return (_say(place, "repeat", place.stay(is_new=True)),)


def _know_nothing(place: Place) -> Turns:
    """Help with estimating; a consent is explained in other words."""
    hint = "simple" if place.question.kind == "consent" else "estimate"
    return (_say(place, "dont_know", place.stay(hint=hint, is_new=True)),)


def _talk_nonsense(place: Place) -> Turns:
    """It says that it did not understand, the second time in other words."""
    first = place.stay(hint="unclear", is_new=True)
    return (_say(place, "nonsense", first), _say(place, "nonsense", place.stay(hint="", is_new=True), 1))


def _want_human(place: Place) -> Turns:
    """At once, without another question; what was filled in stays."""
    return (_say(place, "human", Expected(place.stored, holder="queue")),)


def _cancel(place: Place) -> Turns:
    """Ends and forgets; when much was filled in it asks first."""
    if place.question.kind == "consent":
        return (_say(place, "cancel", Expected({}, hear=("utter_consent_declined",))),)
    done = Expected({}, hear=("utter_cancelled",))
    if len(place.answered) < MUCH:
        return (_say(place, "cancel", done),)
    asked = Expected(place.stored, hear=("utter_confirm_cancel",))
    return (_say(place, "cancel", asked), Step("不办了", done, is_button=True))


def _change_product(place: Place) -> Turns:
    """Is stored anew, and the questions are those of the new product."""
    other, question = _find_other(place), load_catalogue().questions["product"]
    if question not in place.form.questions:
        return _tell_product(place, question, other)
    if place.question.kind == "consent":
        answer = find_answer(question, "told", other)
        return (Step(answer.say, place.stay(hint="early", is_new=True)), *_consent(place, {"product": answer.stored}))
    is_change = "product" in place.stored
    answer = find_answer(question, "correction" if is_change else "told", other)
    hear = ("utter_changed",) if is_change else ()
    return (Step(answer.say, place.go_on({**place.stored, "product": answer.stored}, hear=hear)),)


def _tell_product(place: Place, question: Question, product: Product) -> Turns:
    """The calculator asks for none, but goes by the rate of the one that is told."""
    told = Step(find_answer(question, "told", product).say, place.stay(hear=("utter_noted", product.name)))
    steps, stored = [told], place.stored
    for asked in (place.question, *place.after):
        answer = place.find(asked, "answer")
        stored = {**stored, asked.slot: answer.stored}
        steps.append(Step(answer.say, place.go_on(stored)))
    last = steps.pop()
    return (*steps, replace(last, expected=replace(last.expected, hear=("utter_repayment", product.name))))


def _be_in_danger(place: Place) -> Turns:
    """First aid and a human at once, no question of a form; what was filled in stays."""
    return (_say(place, "danger", Expected(place.stored, holder="queue")),)


def _volunteer(place: Place) -> Turns:
    """The answer and what was not asked yet in one message; beside the last answer an earlier one is changed."""
    told = [question for question in place.after if has_answer(question, "told")][:VOLUNTEERED]
    beside = {question.slot: place.find(question, "told") for question in told}
    if not told:
        beside = {place.answered[-1].slot: place.find(place.answered[-1], "correction")}
    own = place.find(place.question, "answer")
    # Whoever changes something beside a yes has not confirmed what was shown.
    kept = {} if place.question.kind == "confirmation" else {place.slot: own.stored}
    stored = {**place.stored, **kept, **{slot: answer.stored for slot, answer in beside.items()}}
    expected = place.go_on(stored)
    if expected.asks not in (None, "application_confirmed"):  # a result and the summary say everything
        expected = replace(expected, hear=("utter_noted",))
    return (Step("，".join([own.say, *(answer.say for answer in beside.values())]), expected),)


def _write_traditional(place: Place) -> Turns:
    """Stored as in simplified script."""
    answer = place.find(place.question, "traditional")
    return (Step(answer.say, place.go_on({**place.stored, place.slot: answer.stored})),)


def _find_other(place: Place) -> Product:
    """A product of which other questions are asked, where there is one."""
    others = [product for product in list_products() if product != place.product]
    own = place.form.list_answers({"product": place.product.id})
    return next((other for other in others if place.form.list_answers({"product": other.id}) != own), others[0])


def _once(build: Callable[[Place], Turns]) -> Callable[[Place], Iterator[Turns]]:
    """One cell at each question."""
    return lambda place: iter([build(place)])


PATTERNS: Mapping[str, Callable[[Place], Iterator[Turns]]] = {
    "question": _once(_ask_question),
    "calculator": _once(_calculate),
    "correction": _correct,
    "back": _once(_go_back),
    "skip": _once(_skip),
    "why": _once(_ask_why),
    "repeat": _once(_repeat),
    "dont_know": _once(_know_nothing),
    "nonsense": _once(_talk_nonsense),
    "human": _once(_want_human),
    "cancel": _once(_cancel),
    "product_change": _once(_change_product),
    "danger": _once(_be_in_danger),
    "volunteered": _once(_volunteer),
    "traditional": _once(_write_traditional),
}
