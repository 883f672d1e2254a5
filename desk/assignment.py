"""Decides which agent gets a handoff, which account manager a place belongs to, and who reviews an application."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from conversations.handoff.schemas import HandoffView
from desk.schemas import StaffView
from products.catalogue import find_product

Why = Literal["wanted", "manager", "reason", "last_agent", "village", "skill", "load"]

FIRST_REASON = "sensitive"
# Reasons that an agent could only pass on.
MANAGER_REASONS = frozenset({"account_manager", "credit_review", "quota_review", "large_amount", "withdrawal"})
NO_SKILLS: Mapping[str, frozenset[str]] = MappingProxyType({})
SERVING_ROLES = frozenset({"agent", "account_manager"})
# A shorter name is found in too many others: 李 of 李村 in 李家庄.
PLACE_LENGTH_MIN = 2
_NO_REVIEWS = 0, datetime.min.replace(tzinfo=UTC)
# Suffixes people leave out or vary. One that is part of a name stays: 李村, 新乡.
_ENDINGS = re.compile(r"(?<=[^镇乡村道]{2})(?:镇|乡|村|街道|社区)|支行|分理处|[\W_]+")


class Assignment(NamedTuple):
    """A handoff to assign to an agent, and the reason for choosing them."""

    handoff_id: str
    agent: StaffView
    why: Why


def assign(
    queue: Sequence[HandoffView],
    available: Sequence[StaffView],
    load: Mapping[str, int],
    last_agents: Mapping[str, str],
    declined: Mapping[str, frozenset[str]],
    skills: Mapping[str, frozenset[str]] = NO_SKILLS,
) -> list[Assignment]:
    """Assignments while any agent has room: sensitive topics first, then those who have waited longest.

    Supervisors get one only while neither an agent nor an account manager is available, other roles never. An agent
    who declined a handoff does not get it again. `load`: how many talks each agent has; `last_agents`: the agent of
    each conversation's last talk within a day; `declined`: who recently declined each handoff; `skills`: who is asked
    first for each reason.
    """
    serving = list_serving(available)
    talks = {agent.id: load.get(agent.id, 0) for agent in serving}
    ordered = sorted(queue, key=lambda h: (h.reason != FIRST_REASON, h.requested_at, h.id))
    assignments: list[Assignment] = []
    for handoff in {h.id: h for h in ordered}.values():
        free = [agent for agent in serving if talks[agent.id] < agent.capacity]
        if not free:
            break
        willing = [agent for agent in free if agent.id not in declined.get(handoff.id, ())]
        if not willing:
            continue
        choices = _list_choices(handoff, last_agents.get(handoff.conversation_id), willing, skills)
        why, suited = next(choice for choice in choices if choice[1])
        chosen = min(suited, key=lambda agent: (talks[agent.id] / agent.capacity, talks[agent.id], agent.id))
        assignments.append(Assignment(handoff.id, chosen, why))
        talks[chosen.id] += 1
    return assignments


def find_manager(region: str | None, source: str | None, managers: Sequence[StaffView]) -> str | None:
    """The staff id of a customer's account manager; None if nothing points to exactly one.

    A manager's code (`manager:zhangmin`, by login or name) decides; then the place the customer wrote that
    they live in, before the village whose code they scanned (`village:柳河镇`).
    """
    kind, _, code = (source or "").partition(":")
    pointed_to = (
        [m for m in managers if kind == "manager" and m.login.casefold() == code.casefold()],
        [m for m in managers if kind == "manager" and m.name == code],
        _find_closest(region, managers),
        _find_closest(code if kind == "village" else None, managers),
    )
    return next((found[0].id for found in pointed_to if len(found) == 1), None)


def choose_reviewer(supervisors: Collection[str], reviews: Mapping[str, tuple[int, datetime]]) -> str:
    """The supervisor with the fewest applications under review; of several, whoever has had no new one for longest.

    `reviews`: how many each has, and when their last one came; without those who never had any.
    """
    return min(supervisors, key=lambda each: (*reviews.get(each, _NO_REVIEWS), each))


def list_serving(available: Sequence[StaffView]) -> list[StaffView]:
    """Who of them gets customers: supervisors only while there is nobody else."""
    serving = [each for each in available if each.role in SERVING_ROLES]
    return serving or [each for each in available if each.role == "supervisor"]


def list_skilled(
    agents: Sequence[StaffView], skill: str, skills: Mapping[str, frozenset[str]] = NO_SKILLS
) -> list[StaffView]:
    """Those who are asked first for a reason, or know a product."""
    product = _identify_product(skill)
    asked_first = skills.get(skill, frozenset())
    return [each for each in agents if each.id in asked_first or product in map(_identify_product, each.products)]


def _list_choices(
    handoff: HandoffView,
    last_agent: str | None,
    agents: Sequence[StaffView],
    skills: Mapping[str, frozenset[str]],
) -> Iterator[tuple[Why, Sequence[StaffView]]]:
    """Groups of agents it may be assigned to, the best first; the last one is never empty."""
    managers = [agent for agent in agents if agent.role == "account_manager"]
    yield "wanted", list_skilled(agents, handoff.wanted_skill or "", skills)
    yield "manager", [agent for agent in agents if agent.id == handoff.manager_id]
    yield "reason", [agent for agent in agents if agent.id in skills.get(handoff.reason, ())]
    yield "last_agent", [agent for agent in agents if agent.id == last_agent]
    yield "village", _find_closest(handoff.region, managers)
    if handoff.reason in MANAGER_REASONS:
        agents = managers or agents
    yield "skill", list_skilled(agents, handoff.product or "")
    yield "load", agents


def _identify_product(name_or_id: str) -> str:
    product = find_product(name_or_id)
    return product.id if product else name_or_id


def _find_closest(region: str | None, candidates: Sequence[StaffView]) -> list[StaffView]:
    """Those who look after the place most closely; empty if nobody does."""
    ranks = [_rank(_normalise(region or ""), candidate) for candidate in candidates]
    best = max((rank for rank in ranks if rank), default=None)
    return [candidate for candidate, rank in zip(candidates, ranks, strict=True) if rank and rank == best]


def _rank(region: str, candidate: StaffView) -> tuple[bool, int, int] | None:
    # A village has one manager, a branch several.
    places = [(True, village) for village in candidate.villages] + [(False, candidate.branch)]
    ranks = [(is_own, *_match_place(region, _normalise(place))) for is_own, place in places]
    return max((rank for rank in ranks if rank[2]), default=None)


def _match_place(region: str, place: str) -> tuple[int, int]:
    """Where in the region a place ends, and how long the match is; (0, 0) for none.

    Addresses go from large to small: 王家村 at the end of 柳河镇王家村 says more than 柳河镇, however long either is.
    """
    if min(len(region), len(place)) < PLACE_LENGTH_MIN:
        return 0, 0
    start = region.rfind(place)
    if start >= 0:
        return start + len(place), len(place)
    return 0, len(region) if region in place else 0


def _normalise(place: str) -> str:
    return _ENDINGS.sub("", place)
