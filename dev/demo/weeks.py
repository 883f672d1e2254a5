"""The weeks before today, drawn from weeks.yml: the same number each time, so that every day has its curves."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from pydantic import BaseModel, ConfigDict

from conversations.handoff.rating import TITLES
from conversations.schemas import Thumb
from dev.demo.talks import Step, Talk
from kit.clock import CHINA
from kit.parameters import load_unique
from kit.working_time import OfficeHours, is_working_day

FILE = Path(__file__).with_name("weeks.yml")
DAYS = 30  # what the dashboard shows
AGENTS = ("liufang", "machao")
CHANNELS = ("wechat", "web")
# What each agent is given, if anything (0).
RATINGS = {"liufang": (5, 5, 5, 4, 4, 0, 0), "machao": (5, 5, 5, 4, 4, 3, 2, 0, 0)}
THUMBS: tuple[Thumb | None, ...] = ("up", "up", "down", *[None] * 9)
EVENING_HOURS, EVENING_SHARE = (18, 19, 20, 21), 0.06
OFFICE_HOURS = (9, 9, 9, 10, 10, 11, 13, 14, 15, 15, 16)


class Material(BaseModel):
    """The file; `talks_by_day` only begin while the office is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    villages: tuple[str, ...]
    questions: tuple[Step, ...]
    talks: tuple[tuple[Step, ...], ...]
    talks_by_day: tuple[tuple[Step, ...], ...]


def read_material(path: Path = FILE) -> Material:
    """Raises pydantic.ValidationError for a malformed file."""
    return Material.model_validate(load_unique(path.read_text(encoding="utf-8")))


def draw_weeks(now: datetime, hours: OfficeHours, days: int = DAYS, seed: int = 7) -> Iterator[Talk]:
    """The talks of each day before today; who comes out of hours is served after the next opening."""
    chance, material = Random(seed), read_material()  # noqa: S311 (no secret)
    today = now.astimezone(CHINA).date()
    for ago in range(days, 0, -1):
        day = today - timedelta(days=ago)
        busy = (days - ago) / days  # more and more customers know of 小禾
        is_working = is_working_day(day)
        for number in range(chance.randint(4, 6) + round(4 * busy) if is_working else 3):
            name = f"{day:%m%d}-问{number}"
            steps = [_draw_question(chance, material) for _ in range(chance.choice((1, 1, 1, 2)))]
            yield _draw_talk(chance, material, name, _draw_moment(chance), ago, steps)
        for number in range(chance.randint(2, 4) + round(3 * busy) if is_working else chance.randint(0, 1)):
            name, at = f"{day:%m%d}-转{number}", _draw_moment(chance)
            begins = datetime.combine(day, at, CHINA)
            choices = (*material.talks, *(material.talks_by_day if hours.is_open(begins) else ()))
            steps = _draw_service(chance, chance.choice(choices), begins, hours)
            if begins + timedelta(minutes=sum(step.wait for step in steps)) < now:
                yield _draw_talk(chance, material, name, at, ago, steps)


def _draw_talk(chance: Random, material: Material, name: str, at: time, ago: int, steps: list[Step]) -> Talk:
    village, channel = chance.choice(material.villages), chance.choice(CHANNELS)
    return Talk(customer=name, channel=channel, village=village, days_ago=ago, at=at, steps=tuple(steps))


def _draw_question(chance: Random, material: Material) -> Step:
    return chance.choice(material.questions).model_copy(update={"thumb": chance.choice(THUMBS)})


def _draw_moment(chance: Random) -> time:
    """Some write in the evening."""
    hours = EVENING_HOURS if chance.random() < EVENING_SHARE else OFFICE_HOURS
    return time(chance.choice(hours), chance.randint(0, 59))


def _draw_service(chance: Random, steps: Sequence[Step], begins: datetime, hours: OfficeHours) -> list[Step]:
    """The steps with an agent, who comes when the office is open, and the customer's rating."""
    agent, at, drawn = chance.choice(AGENTS), begins, []
    for step in steps:
        wait = round(step.wait * chance.uniform(0.4, 1.3), 1)
        opens = hours.find_opening(at + timedelta(minutes=wait))
        if step.does == "take":
            wait += max(0.0, (opens - at).total_seconds() / 60)
        at += timedelta(minutes=wait)
        drawn.append(step.model_copy(update={"wait": wait, "by": agent if step.by else ""}))
    if rating := chance.choice(RATINGS[agent]):
        drawn.append(Step(presses=TITLES[rating], wait=1))
    return drawn
