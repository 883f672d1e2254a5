"""Decides which handoff is assigned to which agent, and which account manager a place belongs to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar

from applications.products import find_product

Why = Literal["manager", "last_agent", "village", "skill", "load"]

FIRST_REASON = "sensitive"
# Reasons that an agent could only pass on.
MANAGER_REASONS = frozenset({"account_manager", "credit_review", "large_amount"})
SERVING_ROLES = frozenset({"agent", "account_manager"})
# A shorter name is found in too many others: 李 of 李村 in 李家庄.
PLACE_LENGTH_MIN = 2
# Suffixes people leave out or vary. One that is part of a name stays: 李村, 新乡.
_ENDINGS = re.compile(r"(?<=[^镇乡村道]{2})(?:镇|乡|村|街道|社区)|支行|分理处|[\W_]+")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued handoff.

    `product` by id or name, `region` as the customer wrote it: 柳河镇王家村, 柳河. `manager_id` is the customer's own
    account manager, `last_agent_id` the agent of their last talk within a day, `declined_by` the agents who recently
    declined it.
    """

    handoff_id: str
    requested_at: datetime
    reason: str
    product: str | None = None
    region: str | None = None
    manager_id: str | None = None
    last_agent_id: str | None = None
    declined_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Agent:
    """An available agent; `load` is how many talks they have, `capacity` how many they may have."""

    staff_id: str
    role: str
    load: int
    capacity: int
    branch: str = ""
    villages: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountManager:
    """An account manager, available or not."""

    staff_id: str
    login: str
    name: str
    branch: str = ""
    villages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A handoff to assign to an agent, and the reason for choosing them."""

    handoff_id: str
    agent_id: str
    why: Why


_Candidate = TypeVar("_Candidate", Agent, AccountManager)


def assign(waiting: Sequence[Waiting], agents: Sequence[Agent]) -> list[Assignment]:
    """Assignments while any agent has room: sensitive topics first, then those who have waited longest.

    Supervisors get one only while neither an agent nor an account manager is available, other roles never. An agent
    who declined a handoff does not get it again.
    """
    serving = [a for a in agents if a.role in SERVING_ROLES] or [a for a in agents if a.role == "supervisor"]
    present = {agent.staff_id: agent for agent in serving}
    ordered = sorted(waiting, key=lambda w: (w.reason != FIRST_REASON, w.requested_at, w.handoff_id))
    assignments: list[Assignment] = []
    for handoff in {w.handoff_id: w for w in ordered}.values():
        free = [agent for agent in present.values() if agent.load < agent.capacity]
        if not free:
            break
        willing = [agent for agent in free if agent.staff_id not in handoff.declined_by]
        if not willing:
            continue
        why, suited = next(choice for choice in _list_choices(handoff, willing) if choice[1])
        chosen = min(suited, key=lambda agent: (agent.load / agent.capacity, agent.load, agent.staff_id))
        assignments.append(Assignment(handoff.handoff_id, chosen.staff_id, why))
        present[chosen.staff_id] = replace(chosen, load=chosen.load + 1)
    return assignments


def find_manager(region: str | None, source: str | None, managers: Sequence[AccountManager]) -> str | None:
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
    return next((found[0].staff_id for found in pointed_to if len(found) == 1), None)


def _list_choices(handoff: Waiting, agents: Sequence[Agent]) -> Iterator[tuple[Why, Sequence[Agent]]]:
    """Groups of agents it may be assigned to, the best first; the last one is never empty."""
    managers = [agent for agent in agents if agent.role == "account_manager"]
    yield "manager", [agent for agent in agents if agent.staff_id == handoff.manager_id]
    yield "last_agent", [agent for agent in agents if agent.staff_id == handoff.last_agent_id]
    yield "village", _find_closest(handoff.region, managers)
    if handoff.reason in MANAGER_REASONS:
        agents = managers or agents
    product = _identify_product(handoff.product or "")
    yield "skill", [agent for agent in agents if product in map(_identify_product, agent.products)]
    yield "load", agents


def _identify_product(name_or_id: str) -> str:
    product = find_product(name_or_id)
    return product.id if product else name_or_id


def _find_closest(region: str | None, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Those who look after the place most closely; empty if nobody does."""
    ranks = [_rank(_normalise(region or ""), candidate) for candidate in candidates]
    best = max((rank for rank in ranks if rank), default=None)
    return [candidate for candidate, rank in zip(candidates, ranks, strict=True) if rank and rank == best]


def _rank(region: str, candidate: Agent | AccountManager) -> tuple[bool, int, int] | None:
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
