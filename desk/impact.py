"""What a change of a product touches: answers, canned answers, forms, quotas and applications. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from applications.schemas import ApplicationLimits
from desk.canned import CannedView
from desk.form_texts import list_form_texts
from desk.typed_numbers import TypedNumber, find_typed, replace_typed
from knowledge.schemas import ANSWERS, EntryText
from products.schemas import Product
from products.variables import fill_variables
from revisions.schemas import Content, RevisionView


@dataclass(frozen=True, slots=True)
class TextImpact:
    """A text as customers read it before and after; `mended` is what is written, with variables for what is
    surely a figure of the product."""

    name: str
    before: str
    after: str
    typed: tuple[TypedNumber, ...]
    words: tuple[str, ...]
    mended: str


@dataclass(frozen=True, slots=True)
class EntryImpact:
    """An entry whose answers change or will be wrong: those in force, and those of its open draft.

    A draft of the same change takes the place of what is in force; of another one nobody knows whether it is approved.
    """

    key: str
    question: str
    draft: RevisionView | None
    content: Content
    in_force: tuple[TextImpact, ...]
    drafted: tuple[TextImpact, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether a number typed by hand will be wrong."""
        return any(text.typed for text in (*self.in_force, *self.drafted))

    @property
    def mended(self) -> Content:
        """What is drafted for the change: the content of its draft, else that in force, with variables in place of
        what is typed.
        """
        texts = self.drafted if self.draft else self.in_force
        return {**self.content, **{text.name: text.mended for text in texts}}

    @property
    def is_mendable(self) -> bool:
        """Whether drafting it mends anything: a number that is surely one, or text in force that an open draft
        replaces.
        """
        is_replaced = self.draft is not None and any(text.typed for text in self.in_force)
        return is_replaced or self.mended != self.content


@dataclass(frozen=True, slots=True)
class ApplicationImpact:
    """An open application; `is_outside`: its sum or term is not within the new limits."""

    number: str
    manager_id: str | None
    is_outside: bool


@dataclass(frozen=True, slots=True)
class Impact:
    """All that is touched; `forms` are what forms say, where, before and after. `quotas` customers were given a quota
    that runs until `quotas_until` at most.
    """

    entries: tuple[EntryImpact, ...] = ()
    canned: tuple[tuple[CannedView, TextImpact], ...] = ()
    forms: tuple[tuple[str, str, str], ...] = ()
    quotas: int = 0
    quotas_until: date | None = None
    applications: tuple[ApplicationImpact, ...] = ()

    @property
    def wrong(self) -> int:
        """How many texts state a number by hand that will be wrong."""
        return sum(entry.is_wrong for entry in self.entries) + sum(bool(text.typed) for _, text in self.canned)

    def describe(self) -> str:
        """The counts: 3条知识、1条常用语; empty if nothing is touched."""
        counts = (
            (len(self.entries), "条知识"),
            (len(self.canned), "条常用语"),
            (len(self.forms), "处表单文字"),
            (self.quotas, "位客户的额度结果"),
            (len(self.applications), "笔办理中的申请"),
        )
        return "、".join(f"{count}{name}" for count, name in counts if count)


@dataclass(frozen=True, slots=True)
class ProductChange:
    """A product before and after (None: there is none before), from a day on, among all that are offered then."""

    old: Product | None
    new: Product
    day: date
    offered: Sequence[Product]

    @property
    def offered_after(self) -> list[Product]:
        """What is offered with it."""
        kept = [self.new if each.id == self.new.id else each for each in self.offered]
        known = kept if self.new in kept else [*kept, self.new]
        return [each for each in known if each.is_offered]

    def read_text(self, name: str, text: str, title: str) -> TextImpact | None:
        """What becomes of a text; None if it is not touched."""
        language = ANSWERS.get(name, "zh")
        before = fill_variables(text, language, self.offered) if "{" in text else text
        after = fill_variables(text, language, self.offered_after) if "{" in text else text
        typed = tuple(find_typed(text, title, self.old, self.new)) if self.old else ()
        if before == after and not typed:
            return None
        words = tuple(text[each.start : each.end] for each in typed)
        sure = [each for each in typed if each.is_sure]
        return TextImpact(name, before, after, typed, words, replace_typed(text, sure))

    def read_entries(
        self, in_force: Mapping[str, Content], drafts: Mapping[str, RevisionView]
    ) -> tuple[EntryImpact, ...]:
        """What becomes of entries, by key in force or drafted; the wrong ones first. Of thousands it takes a moment."""
        keys = dict.fromkeys((*in_force, *drafts))
        found = filter(None, (self._read_entry(key, in_force.get(key), drafts.get(key)) for key in keys))
        return tuple(sorted(found, key=lambda entry: not entry.is_wrong))

    def _read_entry(self, key: str, in_force: Content | None, draft: RevisionView | None) -> EntryImpact | None:
        """What becomes of an entry: of its content in force, None where there is none then, and of its draft."""
        content = draft.content if draft else in_force
        texts = self._read_answers(in_force), self._read_answers(draft.content if draft else None)
        return EntryImpact(key, content["question"], draft, content, *texts) if content and any(texts) else None

    def _read_answers(self, content: Content | None) -> tuple[TextImpact, ...]:
        entry = EntryText.model_validate(content) if content else None
        if entry is None or entry.is_retired:
            return ()
        texts = ((name, getattr(entry, name)) for name in ANSWERS)
        return tuple(filter(None, (self.read_text(name, text, entry.question) for name, text in texts if text)))

    def list_forms(self) -> Iterator[tuple[str, str, str]]:
        """What forms say, where it differs."""
        before = list_form_texts(self.old, self.day) if self.old else {}
        for place, after in list_form_texts(self.new, self.day).items():
            if before.get(place, after) != after:
                yield place, before[place], after

    def read_application(self, application: ApplicationLimits) -> ApplicationImpact:
        """What becomes of an open application."""
        is_within = self.new.amount_min <= application.amount <= self.new.amount_max
        is_outside = not is_within or application.term > self.new.term_max
        return ApplicationImpact(application.number, application.manager_id, is_outside)
