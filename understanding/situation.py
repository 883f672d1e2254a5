"""One message in its dialogue: what the rows of the table ask about it."""

from dataclasses import dataclass
from functools import cached_property

from forms.catalogue import Form, Kind, Question, load_catalogue
from knowledge.schemas import Match
from products.catalogue import find_product
from understanding.bars import LIKELY, LIKELY_ACT, POSSIBLE_DANGER, SURE
from understanding.danger import load_topics
from understanding.schemas import Evidence, Fact, FactKind, Reading, State

# What may answer a question of a kind when no word says otherwise.
ANSWERS: dict[Kind, tuple[FactKind, ...]] = {
    "product": ("product",),
    "loan_amount": ("sum", "number"),
    "loan_term": ("span", "number"),
    "amount": ("sum", "number", "none"),
    "yearly_amount": ("sum", "number", "none"),
    "area": ("area", "number", "none"),
    "years": ("span", "number", "since"),
    "yes_no": ("none", "some"),
    "purpose": ("purpose",),
    "place": ("place",),
    "name": ("name",),
    "phone": ("phone",),
    "identity_number": ("identity_number",),
    "credit_code": ("credit_code",),
    "livelihood": ("livelihood",),
    "company": ("company",),
    "people": ("people", "number", "none"),
    "possession": ("none", "some"),
    "choice": ("choice",),
    "method": ("choice",),
    "visit_time": ("time",),
}
# Kinds whose value no other question of the same form could mean.
_TELLING: dict[FactKind, Kind] = {
    "product": "product",
    "area": "area",
    "purpose": "purpose",
    "place": "place",
    "name": "name",
    "phone": "phone",
    "identity_number": "identity_number",
    "credit_code": "credit_code",
    "livelihood": "livelihood",
    "company": "company",
}
# Told unasked, they are kept only where they are needed.
_ONLY_IN_FORM = ("identity_number", "credit_code", "people", "choice")
_SPAN_REST_MAX = 4
# All that depends on the sum may have been asked; what was is filled.
AMOUNT_MAX = 10**9
# Acts that are done when they are likely: they ask, tell, or lead back, and nothing is lost by them.
REVERSIBLE = frozenset(
    {"repeat", "rephrase", "misunderstood", "why", "dont_know", "rather_not_say", "skip", "back", "not_cancel"}
    | {"not_human", "continue", "wait", "think", "withdraw", "status", "after_submitting", "none_of_these"}
    | {"return_to_bot", "call_me", "submit_again"}
)
# Whoever waits for an agent loses the place by these.
LEAVING = frozenset({"return_to_bot", "not_human"})
AFTER_SUBMITTING = frozenset({"withdraw", "status", "after_submitting", "submit_again"})
# What is expected about a question that a form asked: it is explained, or put again.
ABOUT_QUESTION = frozenset({"why", "rephrase", "repeat"})
_WISHED: dict[FactKind, Kind] = {"sum": "loan_amount", "span": "loan_term"}


@dataclass(frozen=True)
class Situation:
    """`evidence` is None until it is needed."""

    reading: Reading
    state: State
    evidence: Evidence | None = None

    @cached_property
    def form(self) -> Form | None:
        """The open form; None if it is one of an older version's that is no more."""
        return load_catalogue().forms.get(self.state.form or "")

    @cached_property
    def asked(self) -> Question | None:
        """The question that was asked last, in a form or about a result."""
        return load_catalogue().questions.get(self.state.asked or "")

    @property
    def kind(self) -> Kind | None:
        """What the asked question wants."""
        return self.asked.kind if self.asked else None

    @property
    def result(self) -> str:
        """What was done last, as long as it can be asked about and changed: until a form that follows has begun."""
        return self.state.last if self.form is None or self.kind == "consent" else ""

    @property
    def changes_quota(self) -> bool:
        """Whether facts are told that change the quota just found, and answer nothing in the form that is open."""
        if self.kind == "consent":  # to an application, which asks for some of them itself
            of_quota = {*load_catalogue().forms["quota_form"].slots} - {"product"}
            answers_own = any(fact.role in self.own_slots and fact.role not in of_quota for fact in self.answers)
        else:
            answers_own = self.answers_own
        return self.result in ("quota", "recap") and bool(self.answers) and not answers_own

    @cached_property
    def acts(self) -> tuple[str, ...]:
        """What the message does as a whole: by its words, else what it likely does, if that can be undone."""
        if self.reading.acts or not self.evidence or self.answers or self.danger:
            return self.reading.acts
        likeliest = max(self.evidence.acts, key=self.evidence.acts.__getitem__, default="")
        if likeliest not in REVERSIBLE:
            return ()
        is_expected = (self.state.last == "submitted" and likeliest in AFTER_SUBMITTING) or (
            self.form is not None and bool(self.state.asked) and likeliest in ABOUT_QUESTION
        )
        usual = SURE if likeliest in LEAVING else LIKELY_ACT
        bar = LIKELY if is_expected else max(usual, self.match_score)
        return (likeliest,) if self.evidence.acts[likeliest] >= bar else ()

    def does(self, *acts: str) -> bool:
        """Whether the message as a whole does one of these."""
        return any(act in self.acts for act in acts)

    @property
    def is_bare(self) -> bool:
        """Whether the message says nothing but its act."""
        return not self.reading.facts and not self.reading.is_question

    @property
    def own_slots(self) -> tuple[str, ...]:
        """The slots of the open form."""
        return self.form.slots if self.form else ()

    @property
    def listed(self) -> tuple[str, ...]:
        """The slots in the order in which a summary of the open form lists them."""
        product = find_product(self.state.product or "")
        if self.form is None:
            return ()
        answers = self.form.list_answers({"product": product.id if product else None, "amount": AMOUNT_MAX})
        asked = [slot for slot in answers if slot in self.state.filled]
        return ("product", *asked) if "product" in self.own_slots else tuple(asked)

    @cached_property
    def answers(self) -> tuple[Fact, ...]:
        """The facts, each with the slot it answers as its role; without those that answer none."""
        routed: list[Fact] = []
        for fact in self.reading.facts:
            taken = [known.role for known in routed]
            slot = self._find_slot(fact.role) if fact.role else self._route(fact, taken)
            if slot and (fact.kind not in _ONLY_IN_FORM or slot in self.own_slots):
                routed.append(fact.model_copy(update={"role": slot}))
        return tuple(routed)

    @property
    def names_own(self) -> bool:
        """Whether a fact is told, and not only a value: words or its kind name the slot of the open form."""
        is_named = any(fact.role not in ("", "other") or fact.kind in _TELLING for fact in self.reading.facts)
        return is_named and self.answers_own

    @property
    def answers_own(self) -> bool:
        """Whether one of the facts answers a question of the open form."""
        return any(fact.role in self.own_slots for fact in self.answers)

    @property
    def answers_question(self) -> bool:
        """Whether one of the facts answers what was asked."""
        return any(fact.role == self.state.asked for fact in self.answers)

    @property
    def is_all_said(self) -> bool:
        """Whether facts are all there is in the message."""
        return bool(self.answers) and not self.reading.rest

    @property
    def match(self) -> Match | None:
        """The likeliest entry, for all of the message or for a clause of it.

        Where a clause and the whole message point to different entries, the whole has what the clause lacks:
        奶奶腿脚不便，卡锁了找谁.
        """
        evidence = self.evidence or Evidence()
        whole = evidence.matches[0] if evidence.matches and evidence.matches[0].score >= LIKELY else None
        parts = [part for part in evidence.parts if not whole or part.entry_id == whole.entry_id]
        best = max((*evidence.matches[:1], *parts), key=lambda match: match.score, default=None)
        # 12345 is like the number of some hotline, which says little of what is meant.
        return best if best and (best.score >= SURE or not self.reading.plain.isdigit()) else None

    @property
    def danger_score(self) -> float:
        """The probability that the message is an alarm."""
        return max(self.evidence.dangers.values(), default=0.0) if self.evidence else 0.0

    @property
    def danger(self) -> str:
        """The likeliest danger, if it is likely enough to be spoken of; "" otherwise."""
        dangers = self.evidence.dangers if self.evidence else {}
        topics = sorted(dangers, key=dangers.__getitem__, reverse=True)
        # Where the likeliest needs to be surer, the next one that is possible at all is spoken of.
        possible = [topic for topic in topics if dangers[topic] >= POSSIBLE_DANGER or topic == topics[0]]
        return next((topic for topic in possible if self.danger_score >= load_topics()[topic].likely_from), "")

    def sees_intent(self, *intents: str) -> float:
        """The probability that the message has one of these intents."""
        return sum(self.evidence.intents.get(intent, 0.0) for intent in intents) if self.evidence else 0.0

    @property
    def match_score(self) -> float:
        """The probability that the likeliest entry answers the message."""
        return self.match.score if self.match else 0.0

    def _find_slot(self, role: str) -> str:
        """The slot that a role names: the open form's own first."""
        own = self.form.questions if self.form else ()
        known = load_catalogue().questions
        return next((q.slot for q in own if q.role == role), role if role in known else "")

    def _find_corrected(self, fact: Fact) -> Question | None:
        """The question of the open form that a correction names by its word alone: 年限改成10年."""
        own = self.form.questions if self.form else ()
        named = [q for q in own if q.slot in self.reading.named and fact.kind in ANSWERS.get(q.kind, ())]
        return named[0] if len(named) == 1 else None

    def _is_of_quota(self) -> bool:
        """Whether the message tells other facts of the quota just found, and names no wish."""
        roles = {fact.role for fact in self.reading.facts}
        slots = load_catalogue().forms["quota_form"].slots
        return self.result in ("quota", "recap") and bool(roles.intersection(slots)) and "amount" not in roles

    def _route(self, fact: Fact, taken: list[str]) -> str:
        """The slot that a bare value answers: one that a correction names, the asked one, the only one of its kind."""
        asked = self._find_corrected(fact) or self.asked
        if asked and fact.kind in ANSWERS.get(asked.kind, ()):
            return asked.slot
        if fact.kind == "span" and len(self.reading.rest) > _SPAN_REST_MAX:
            return ""  # 我一年出两百头猪: a span of something else
        if fact.kind == "span" and self._is_of_quota():
            return "years_in_business"  # 欠2万，流水改成40万，6年
        wanted = _TELLING.get(fact.kind) or _WISHED.get(fact.kind)
        questions = self.form.questions if self.form else load_catalogue().questions.values()
        # The calculator asks for no product, but goes by it.
        default = "product" if wanted == "product" and wanted not in taken else ""
        return next((q.slot for q in questions if q.kind == wanted and q.slot not in taken), default)
