"""Talks as talks.yml tells them: who writes what, who serves them, and what comes of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from conversations.schemas import Thumb
from desk.schemas import StaffView
from dev.demo.bank import Bank, Scene, list_moments
from dev.demo.wording import find_entry
from kit.clock import CHINA
from kit.parameters import load_unique
from understanding.schemas import Evidence

FILE = Path(__file__).with_name("talks.yml")
Deed = Literal["take", "claim", "close", "miss", "return"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Value):
    """What a customer writes or presses, or what a member of staff (`by`: their login) does, writes or notes.

    `wait`: minutes since the step before. `entry` answers what the customer asked, `offers` may; `intent` is what the
    classifier takes it for. `thumb` is what they give the answer, `missing` what they missed in it.
    """

    wait: float = Field(0.5, ge=0)
    says: str = ""
    presses: str = ""
    entry: str = ""
    offers: tuple[str, ...] = ()
    intent: str = ""
    thumb: Thumb | None = None
    missing: str = ""
    by: str = ""
    does: Deed | None = None
    note: str = ""
    disposition: str = "solved"
    summary: str = ""

    @model_validator(mode="after")
    def require_one(self) -> Self:
        """One thing happens in each step."""
        if sum(map(bool, (self.says, self.presses, self.does, self.note))) != 1:
            raise ValueError("a step is one of says, presses, does, note")
        return self


class Talk(_Value):
    """A customer's talk that began so many minutes `ago`, or on an earlier day `at` a time.

    `slots` is what is known of them. To `verifies`, a phone, a code is sent at the beginning, and comes back.
    """

    customer: str
    channel: str = "web"
    village: str = ""
    ago: int | None = None
    days_ago: int = 0
    at: time = time(10)
    slots: dict[str, Any] = Field(default_factory=dict)
    verifies: str = ""
    steps: tuple[Step, ...]

    def find_start(self, now: datetime) -> datetime:
        """When it began, as seen from now."""
        if self.ago is not None:
            return now - timedelta(minutes=self.ago)
        day = now.astimezone(CHINA).date() - timedelta(days=self.days_ago)
        return datetime.combine(day, self.at, CHINA)


def read_talks(path: Path = FILE) -> list[Talk]:
    """All talks of the file; raises pydantic.ValidationError for a malformed one."""
    return TypeAdapter(list[Talk]).validate_python(load_unique(path.read_text(encoding="utf-8"))["talks"])


def list_scenes(bank: Bank, talks: Sequence[Talk], now: datetime) -> Iterator[Scene]:
    """A scene for each step."""
    for talk in talks:
        moments = list_moments(talk.find_start(now), [step.wait for step in talk.steps])
        for at, step in zip(moments, talk.steps, strict=True):
            yield Scene(at, partial(_play, bank, talk, step))


async def _play(bank: Bank, talk: Talk, step: Step) -> None:
    if step.by:
        await _serve(bank, talk, step, bank.staff[step.by])
        return
    if talk.verifies and step is talk.steps[0]:
        await bank.verify_phone(talk.customer, talk.verifies)
    source = f"village:{talk.village}" if talk.village else None
    about: dict[str, Any] = {"channel": talk.channel, "slots": talk.slots, "source": source}
    about["evidence"] = _make_evidence(step)
    if step.presses:
        await bank.customers.press(talk.customer, step.presses, **about)
        return
    answer = await bank.customers.write(talk.customer, step.says, **about)
    if step.thumb:
        rated = next(each for each in answer.replies if each.entry)
        conversation_id = await bank.customers.find(talk.customer, talk.channel)
        await bank.desk.conversations.give_thumb(conversation_id, rated.id, step.thumb, step.missing)


async def _serve(bank: Bank, talk: Talk, step: Step, staff: StaffView) -> None:
    """What staff do; today their page is open meanwhile."""
    desk, handoff = bank.desk, await bank.find_talk(talk.customer, talk.channel)
    if talk.ago is not None:
        await desk.accounts.mark_seen(staff.id)
    if step.says:
        await desk.talks.say(staff, handoff.id, step.says, f"{handoff.id}-{bank.clock().timestamp()}")
    elif step.note:
        await desk.talks.add_note(staff, handoff.id, step.note)
    match step.does:
        case "take":
            await desk.talks.take(staff, handoff.id)
        case "claim":
            await desk.callbacks.claim(staff, handoff.id)
        case "miss":
            await desk.callbacks.miss(staff, handoff.id, 30)
        case "close":
            await desk.talks.close(staff, handoff.id, step.disposition, step.summary)
        case "return":
            await desk.talks.return_to_bot(staff, handoff.id)
    await bank.customers.deliver(talk.channel)


def _make_evidence(step: Step) -> Evidence:
    if step.entry:
        return Evidence(matches=(find_entry(step.entry),))
    offers = [find_entry(each).model_copy(update={"score": 0.4}) for each in step.offers]
    return Evidence(matches=tuple(offers), intents={step.intent: 0.98} if step.intent else {})
