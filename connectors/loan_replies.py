"""Does the acts about loans that customers have: nothing of them goes to the bot, or is kept beyond a question.

What is spoken of stands in the dialogue's `loan`: the `loan` (its ref), a wished `amount`, what was said already, and
the `key` under which a confirmation is handed in once, however often it is pressed. Only its button hands something in:
a typed yes may answer a notice, or what was said of a picture meanwhile, and gets the question again.
"""

import json
import logging
from collections.abc import Sequence
from typing import Any

from connectors import loan_wording as wording
from connectors.asides import stand_aside
from connectors.repayment_wording import guide_repayment, tell_prepayment
from conversations.schemas import ClaimedMessage, ConsentGiven, Reply, TurnOutcome
from core_banking.client import LoansClient
from core_banking.schemas import LoanRequestIn, LoanView
from kit.clock import Clock, read_clock
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.security import hash_content
from privacy.purposes import APPLICATION, SHARING
from privacy.rights.service import Rights
from understanding.schemas import Act

log = logging.getLogger(__name__)

ACTS = frozenset({"my_loans", "draw_loan", "prepay_loan", "repay_loan", "renew_loan", "review_loan"})
SHOWN = "loans"
_KINDS = {"draw_loan": "drawdown", "renew_loan": "renewal", "review_loan": "review"}


class LoanReplies:
    """Speaks with the desk, which speaks with the bank's core."""

    def __init__(self, loans: LoansClient, rights: Rights, clock: Clock = read_clock) -> None:
        self._loans = loans
        self._rights = rights
        self._clock = clock

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """The outcome of an act about a loan; None for any other."""
        if act.name not in ACTS:
            return None
        values = act.values
        if values.get("is_refused") and act.name != "renew_loan":
            return _say(message, wording.KEPT)
        if values.get("is_agreed") and "key" in values and message.payload:
            return await self._hand_in(act.name, values, message)
        try:
            found = await self._loans.list_loans(message.conversation_id)
            if not found.is_offered:
                return _say(message, wording.NOT_OFFERED)
            if not found.is_verified:
                return _ask_code(message, _write(act), wording.ask_code(_write(act)))
            if not found.loans:
                return _ask_code(message, _write(act), wording.tell_none(_write(act)))
            return await self._do(act.name, values, found.loans, message)
        except ServiceUnavailable as error:
            log.warning("message %d about a loan was not answered: %s", message.message.id, error)
            return _say(message, wording.tell_away(_write(act)))
        except ServiceRefused as refused:
            return _say(message, wording.tell_refusal(refused.reason))

    async def _do(
        self, act: str, values: dict[str, Any], loans: Sequence[LoanView], message: ClaimedMessage
    ) -> TurnOutcome:
        fitting = [loan for loan in loans if _fits(act, loan)]
        if "loan" in values:
            fitting = [loan for loan in loans if loan.ref == values["loan"]]
            if not fitting:
                return _say(message, wording.GONE)
        if not fitting:
            return _say(message, _tell_nothing_fits(act))
        if len(fitting) > 1:
            several = wording.list_loans(fitting) if act == "my_loans" else _choose(act, values, fitting)
            return _say(message, several, last=SHOWN)
        loan, known = fitting[0], {**values, "loan": fitting[0].ref}
        match act:
            case "my_loans":
                return _say(message, wording.show_loan(loan), last=SHOWN, loan={"loan": loan.ref})
            case "repay_loan":
                return _say(message, guide_repayment(loan), last=SHOWN, loan={"loan": loan.ref})
            case "prepay_loan":
                return _prepay(loan, known, message)
            case "draw_loan":
                return await self._draw(loan, known, message)
            case "renew_loan":
                return await self._renew(loan, known, message)
            case _:
                return await self._review(loan, known, message)

    async def _draw(self, loan: LoanView, known: dict[str, Any], message: ClaimedMessage) -> TurnOutcome:
        if loan.line is None or loan.draw_obstacle or not loan.line.left:
            return _say(message, wording.refuse_drawdown(loan))
        if (yuan := known.get("amount")) is None:
            return _ask(message, wording.ask_sum(loan, "draw_loan"), "draw_loan", {"loan": loan.ref})
        if yuan * 100 > loan.line.left:
            return _say(message, wording.tell_above_line(loan, yuan), loan={"loan": loan.ref})
        asked = {"loan": loan.ref, "amount": yuan, "key": _make_key(message)}
        return _ask(message, wording.confirm_drawdown(loan, yuan, loan.line.term_max, asked), "draw_loan", asked)

    async def _renew(self, loan: LoanView, known: dict[str, Any], message: ClaimedMessage) -> TurnOutcome:
        """Eligible by what the core knows, then by what the customer says, then confirmed."""
        is_confirmed, is_answered = "key" in known, "is_agreed" in known
        if is_confirmed and known.get("is_refused"):
            return _say(message, wording.KEPT)
        if loan.renewal.code != "eligible":
            return _say(message, wording.refuse_renewal(loan))
        step = str(known.get("step", ""))
        asked: dict[str, Any] = {"loan": loan.ref}
        if known.get("is_refused"):
            refused = {"operating": wording.NOT_OPERATING, "needs": wording.NEEDS_NOTHING}
            return _say(message, refused.get(step, wording.KEPT))
        if is_confirmed or (step == "needs" and is_answered and known.get("operating")):
            asked = {**asked, "operating": True, "needs": True, "key": _make_key(message)}
            return _ask(message, wording.confirm_renewal(loan, asked), "renew_loan", asked)
        if step == "needs" or (step == "operating" and is_answered):
            asked = {**asked, "step": "needs", "operating": True}
            return _ask(message, wording.ask_needs(asked), "renew_loan", asked)
        asked = {**asked, "step": "operating"}
        return _ask(message, wording.ask_operating(loan, asked), "renew_loan", asked)

    async def _review(self, loan: LoanView, known: dict[str, Any], message: ClaimedMessage) -> TurnOutcome:
        if loan.line is None or loan.line.review_on is None:
            return _say(message, wording.NO_REVIEW)
        asked = {"loan": loan.ref, "key": _make_key(message)}
        reply = wording.confirm_review(loan, loan.line.review_on, asked)
        return _ask(message, reply, "review_loan", asked)

    async def _hand_in(self, act: str, known: dict[str, Any], message: ClaimedMessage) -> TurnOutcome:
        """Records the consents that the button gives, then hands in what it confirms."""
        given = [ConsentGiven(purpose=purpose) for purpose in (APPLICATION, SHARING)]
        await self._rights.record_consents(message.conversation_id, message.message.id, given)
        wanted = LoanRequestIn.model_validate(
            {
                "conversation_id": message.conversation_id,
                "kind": _KINDS[act],
                "amount": known.get("amount"),
                "is_operating": bool(known.get("operating")),
                "needs_funds": bool(known.get("needs")),
            }
        )
        try:
            done = await self._loans.request(known["loan"], wanted, idempotency_key=known["key"])
        except ServiceUnavailable as error:
            log.warning("whether message %d handed in something is not known: %s", message.message.id, error)
            return _say(message, wording.tell_unknown(str(message.payload)))
        except ServiceRefused as refused:
            away = refused.code == "core_away"  # nothing was stored
            reply = wording.tell_away(str(message.payload)) if away else wording.tell_refusal(refused.reason)
            return _say(message, reply)
        return _say(message, wording.tell_done(act, done, self._clock()), last="submitted")


def _fits(act: str, loan: LoanView) -> bool:
    """Whether a loan may be meant by an act that names none."""
    match act:
        case "draw_loan":
            return loan.line is not None
        case "review_loan":
            return loan.line is not None and loan.line.review_on is not None
        case "my_loans":
            return True
    return loan.balance > 0


def _tell_nothing_fits(act: str) -> Reply:
    return {"draw_loan": wording.NO_LINE, "review_loan": wording.NO_REVIEW}.get(act, wording.NO_BALANCE)


def _choose(act: str, values: dict[str, Any], loans: Sequence[LoanView]) -> Reply:
    kept = {name: values[name] for name in ("amount", "all") if name in values}
    return wording.choose(loans, act, **kept)


def _prepay(loan: LoanView, known: dict[str, Any], message: ClaimedMessage) -> TurnOutcome:
    if not loan.balance:
        return _say(message, wording.tell_paid(loan))
    yuan = known.get("amount")
    if yuan is None and not known.get("all"):
        return _ask(message, wording.ask_sum(loan, "prepay_loan"), "prepay_loan", {"loan": loan.ref})
    return _say(message, tell_prepayment(loan, yuan), last=SHOWN, loan={"loan": loan.ref})


def _make_key(message: ClaimedMessage) -> str:
    """One question is one request: asked again, it may be confirmed anew."""
    return hash_content(["loan", message.conversation_id, message.message.id])[:32]


def _write(act: Act) -> str:
    """The payload that does the act once the phone is verified."""
    kept = {name: act.values[name] for name in ("loan", "amount", "all") if name in act.values}
    return f"/{act.name}{json.dumps(kept)}" if kept else f"/{act.name}"


def _say(message: ClaimedMessage, reply: Reply, *, last: str = "", loan: dict[str, Any] | None = None) -> TurnOutcome:
    dialogue = {**stand_aside(message.dialogue), "loan": loan or {}}
    return TurnOutcome(replies=[reply], dialogue=dialogue | ({"last": last} if last else {}))


def _ask(message: ClaimedMessage, reply: Reply, act: str, asked: dict[str, Any]) -> TurnOutcome:
    dialogue = {**stand_aside(message.dialogue), "question": act, "loan": asked}
    return TurnOutcome(replies=[reply], dialogue=dialogue)


def _ask_code(message: ClaimedMessage, payload: str, reply: Reply) -> TurnOutcome:
    dialogue = {**stand_aside(message.dialogue), "verifying": "phone", "after_code": payload, "loan": {}}
    return TurnOutcome(replies=[reply], dialogue=dialogue)
