"""What the reading of a picture states, as facts: each answers the question of an application that it names."""

from collections.abc import Callable, Iterator, Mapping

from documents.schemas import DocumentKind, Value
from pictures.schemas import PictureReading
from understanding.read import read_message
from understanding.schemas import Fact, FactKind


def list_facts(reading: PictureReading) -> tuple[Fact, ...]:
    """The facts, to be confirmed by the customer. Whose a contract or a statement is says nothing of who asks."""
    return tuple(
        fact
        for field, make in _FIELDS.get(reading.kind, {}).items()
        if field in reading.fields
        for fact in make(reading.fields[field])
    )


def _name(kind: FactKind, slot: str) -> Callable[[Value], Iterator[Fact]]:
    def make(value: Value) -> Iterator[Fact]:
        yield Fact(kind=kind, role=slot, text=str(value))

    return make


def _measure(value: Value) -> Iterator[Fact]:
    yield Fact(kind="area", role="land_mu", low=float(value), high=float(value))


def _locate(value: Value) -> Iterator[Fact]:
    """An address in our districts; somewhere else is where they are registered, and perhaps no longer live."""
    places = [fact for fact in read_message(str(value), "place").facts if fact.kind == "place"]
    if places and not places[0].note:
        yield places[0].model_copy(update={"role": "region"})


_FIELDS: Mapping[DocumentKind, Mapping[str, Callable[[Value], Iterator[Fact]]]] = {
    "identity_card": {
        "name": _name("name", "name"),
        "id_number": _name("identity_number", "id_number"),
        "address": _locate,
    },
    "business_licence": {
        "company": _name("company", "company"),
        "credit_code": _name("credit_code", "credit_code"),
        "legal_person": _name("name", "legal_person"),
    },
    "land_contract": {"land_mu": _measure},
}
