"""Who gets the customer, and who looks after a place."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.handoff.schemas import HandoffView
from desk.assignment import NO_SKILLS, assign, choose_reviewer, find_manager
from desk.schemas import StaffView

NINE = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
unhurried = settings(deadline=None)  # a busy machine is no failure


class Waiting(NamedTuple):
    """A queued handoff, the agent of its customer's last talk, and who declined it."""

    handoff: HandoffView
    last: str | None
    declined: frozenset[str]


class Agent(NamedTuple):
    """An available colleague, and how many talks they have."""

    staff: StaffView
    load: int


def wait(
    name: str = "h",
    minutes: int = 1,
    *,
    reason: str = "customer_request",
    product: str | None = None,
    region: str | None = None,
    manager: str | None = None,
    wanted: str | None = None,
    last: str | None = None,
    declined: str = "",
) -> Waiting:
    """A handoff that has waited so many minutes."""
    empty: dict[str, Any] = dict.fromkeys(HandoffView.model_fields)
    known = {"id": name, "conversation_id": f"talk of {name}", "reason": reason, "product": product, "region": region}
    asked = {"requested_at": NINE - timedelta(minutes=minutes), "manager_id": manager, "wanted_skill": wanted}
    return Waiting(HandoffView.model_construct(**empty | known | asked), last, frozenset(declined.split()))


def make_staff(staff_id: str, **details: Any) -> StaffView:
    """A colleague; what is not given does not matter."""
    usual: dict[str, Any] = {"role": "agent", "branch": "", "villages": (), "products": (), "capacity": 5}
    return StaffView.model_construct(id=staff_id, **usual | details)


def staff(name: str, *, load: int = 0, villages: str = "", products: str = "", **details: Any) -> Agent:
    knows: dict[str, Any] = {"villages": tuple(villages.split()), "products": tuple(products.split())}
    return Agent(make_staff(name, **knows, **details), load)


def choose(
    queue: Sequence[Waiting], team: Sequence[Agent], skills: Mapping[str, frozenset[str]] = NO_SKILLS
) -> list[tuple[str, str, str]]:
    """Handoff, agent and reason of each assignment."""
    chosen = assign(
        [handoff for handoff, _, _ in queue],
        [agent for agent, _ in team],
        {agent.id: load for agent, load in team},
        {handoff.conversation_id: last for handoff, last, _ in queue if last},
        {handoff.id: declined for handoff, _, declined in queue},
        skills,
    )
    return [(handoff_id, agent.id, why) for handoff_id, agent, why in chosen]


def manager(name: str, villages: str = "", *, load: int = 0, branch: str = "", products: str = "") -> Agent:
    return staff(name, role="account_manager", load=load, branch=branch, villages=villages, products=products)


ANNA, BELA = staff("anna"), staff("bela", load=1)
LIUHE, WANGJIA = manager("liuhe", "柳河镇"), manager("wangjia", "王家村", load=4)


@pytest.mark.parametrize(
    ("handoff", "agents", "agent", "why"),
    [
        pytest.param(wait(), [BELA, ANNA], "anna", "load", id="least load"),
        pytest.param(wait(), [staff("a", load=2, capacity=8), staff("b", load=1, capacity=3)], "a", "load", id="share"),
        pytest.param(wait(), [staff("a", load=2, capacity=4), staff("b", load=1, capacity=2)], "b", "load", id="fewer"),
        pytest.param(wait(), [staff("b"), staff("a")], "a", "load", id="then by id"),
        pytest.param(wait(manager="liuhe", last="anna"), [ANNA, LIUHE], "liuhe", "manager", id="own manager first"),
        pytest.param(wait(manager="li", region="王家村"), [WANGJIA, LIUHE], "wangjia", "village", id="own one away"),
        pytest.param(wait(manager="a"), [staff("a", load=5), BELA], "bela", "load", id="own manager is busy"),
        pytest.param(wait(last="bela", region="王家村"), [ANNA, BELA, WANGJIA], "bela", "last_agent", id="last agent"),
        pytest.param(wait(last="gone"), [ANNA, BELA], "anna", "load", id="last agent is gone"),
        pytest.param(wait(region="柳河镇王家村"), [ANNA, LIUHE, WANGJIA], "wangjia", "village", id="village"),
        pytest.param(wait(region="柳河镇李家村"), [ANNA, LIUHE, WANGJIA], "liuhe", "village", id="town"),
        pytest.param(wait(region="柳河"), [WANGJIA, LIUHE, ANNA], "liuhe", "village", id="without 镇"),
        pytest.param(wait(region="青山镇"), [LIUHE, BELA, ANNA], "anna", "load", id="nobody's village"),
        pytest.param(wait(region="王家村"), [staff("anna", villages="王家村"), BELA], "anna", "load", id="no manager"),
        pytest.param(wait(reason="account_manager"), [ANNA, WANGJIA], "wangjia", "load", id="a manager is wanted"),
        pytest.param(wait(reason="credit_review"), [ANNA, WANGJIA], "wangjia", "load", id="a manager may review"),
        pytest.param(wait(reason="quota_review"), [ANNA, WANGJIA], "wangjia", "load", id="a refusal is reviewed"),
        pytest.param(wait(reason="large_amount"), [ANNA, WANGJIA], "wangjia", "load", id="a manager may lend more"),
        pytest.param(wait(reason="large_amount"), [ANNA, BELA], "anna", "load", id="no manager is there"),
        pytest.param(wait(reason="withdrawal"), [ANNA, WANGJIA], "wangjia", "load", id="a manager knows how it stands"),
        pytest.param(
            wait(reason="withdrawal", manager="liuhe"), [WANGJIA, LIUHE], "liuhe", "manager", id="and their own at best"
        ),
        pytest.param(wait(reason="complaint"), [ANNA, WANGJIA], "anna", "load", id="anybody may listen"),
        pytest.param(
            wait(product="商户贷"), [ANNA, staff("bela", load=4, products="商户贷")], "bela", "skill", id="skill"
        ),
        pytest.param(
            wait(product="商户贷"), [ANNA, staff("bela", products="firm_loan trader_loan")], "bela", "skill", id="by id"
        ),
        pytest.param(wait(product="商户贷"), [staff("anna", products="农户贷"), BELA], "anna", "load", id="no skill"),
        pytest.param(
            wait(reason="account_manager", product="农户贷"),
            [staff("anna", products="农户贷"), manager("li"), manager("wang", load=3, products="农户贷")],
            "wang",
            "skill",
            id="a skilled manager",
        ),
        pytest.param(wait(declined="anna"), [ANNA, BELA], "bela", "load", id="declined"),
        pytest.param(wait(manager="liuhe", declined="liuhe"), [LIUHE, BELA], "bela", "load", id="own manager declined"),
        pytest.param(wait(manager="su"), [staff("su", role="supervisor"), BELA], "bela", "load", id="no supervisor"),
        pytest.param(wait(), [staff("su", role="supervisor")], "su", "load", id="a supervisor alone"),
    ],
)
def test_the_best_one_with_room_is_chosen(handoff: Waiting, agents: list[Agent], agent: str, why: str) -> None:
    assert choose([handoff], agents) == [("h", agent, why)]


@pytest.mark.parametrize(
    ("handoff", "agents", "agent", "why"),
    [
        pytest.param(wait(reason="complaint"), [ANNA, BELA], "bela", "reason", id="asked first"),
        pytest.param(wait(reason="complaint", last="anna"), [ANNA, BELA], "bela", "reason", id="before the last agent"),
        pytest.param(wait(reason="complaint", manager="liuhe"), [BELA, LIUHE], "liuhe", "manager", id="own manager"),
        pytest.param(wait(reason="complaint"), [ANNA, staff("bela", load=5)], "anna", "load", id="but is busy"),
        pytest.param(wait(reason="complaint", declined="bela"), [ANNA, BELA], "anna", "load", id="but declined"),
        pytest.param(wait(), [ANNA, BELA], "anna", "load", id="another reason"),
        pytest.param(wait(reason="large_amount"), [LIUHE, BELA], "bela", "reason", id="though no manager"),
        pytest.param(wait(wanted="complaint", manager="liuhe"), [BELA, LIUHE], "bela", "wanted", id="a wish"),
        pytest.param(
            wait(wanted="trader_loan", reason="complaint"),
            [staff("anna", products="商户贷"), BELA],
            "anna",
            "wanted",
            id="for who knows a product",
        ),
        pytest.param(wait(wanted="complaint"), [ANNA], "anna", "load", id="nobody of the kind is there"),
    ],
)
def test_who_has_the_skill_for_a_reason_is_asked_first(
    handoff: Waiting, agents: list[Agent], agent: str, why: str
) -> None:
    skills = {"complaint": frozenset({"bela"}), "large_amount": frozenset({"bela"})}
    assert choose([handoff], agents, skills) == [("h", agent, why)]


@pytest.mark.parametrize(
    ("handoff", "agents"),
    [
        pytest.param(wait(), [], id="nobody"),
        pytest.param(wait(), [staff("anna", load=5)], id="full"),
        pytest.param(wait(), [staff("anna", capacity=0)], id="takes none"),
        pytest.param(wait(), [staff("anna", load=5), staff("su", role="supervisor")], id="supervisors do not help out"),
        pytest.param(
            wait(),
            [staff("ed", role="editor"), staff("ap", role="approver"), staff("ad", role="admin")],
            id="no talker",
        ),
        pytest.param(wait(declined="anna bela"), [ANNA, BELA], id="all declined"),
        pytest.param(wait(declined="anna"), [ANNA, staff("bela", load=5)], id="one declined, the other is full"),
        pytest.param(wait(manager="liuhe", last="liuhe", declined="liuhe"), [LIUHE], id="own manager declined"),
    ],
)
def test_a_customer_waits_while_nobody_willing_has_room(handoff: Waiting, agents: list[Agent]) -> None:
    assert choose([handoff], agents) == []


def test_what_nobody_wants_does_not_keep_others_waiting() -> None:
    waiting = [wait("old", 9, declined="anna"), wait("new", 1)]
    assert choose(waiting, [staff("anna", capacity=1)]) == [("new", "anna", "load")]


def test_the_longest_waiting_comes_first_and_sensitive_matters_before_all() -> None:
    waiting = [wait("new", 1), wait("old", 9), wait("grave", 2, reason="sensitive"), wait("mid", 5)]
    assert [name for name, *_ in choose(waiting, [staff("anna", capacity=3)])] == ["grave", "old", "mid"]


def test_each_assignment_counts_for_the_next() -> None:
    waiting = [wait("1", 3), wait("2", 2), wait("3", 1)]
    chosen = choose(waiting, [staff("a", load=1), staff("b")])
    assert [(handoff, agent) for handoff, agent, _ in chosen] == [("1", "b"), ("2", "a"), ("3", "b")]


def test_the_same_handoff_twice_is_one() -> None:
    assert len(choose([wait(), wait()], [ANNA, BELA])) == 1


NAMES = st.sampled_from(["a", "b", "c", "d"])
PLACES = st.sampled_from(["柳河镇", "王家村", "柳河镇王家村", "青山乡", "李村", "", "镇"])
PRODUCTS = st.sampled_from(["farmer_loan", "农户贷", "商户贷"])
REASONS = st.sampled_from(["customer_request", "sensitive", "large_amount", "complaint"])
HANDOFFS = st.builds(
    wait,
    name=st.sampled_from([f"h{n}" for n in range(12)]),
    minutes=st.integers(0, 9),
    reason=REASONS,
    product=st.none() | PRODUCTS,
    region=st.none() | PLACES,
    manager=st.none() | NAMES,
    last=st.none() | NAMES,
    declined=st.frozensets(NAMES).map(" ".join),
)
AGENTS = st.builds(
    staff,
    name=NAMES,
    role=st.sampled_from(["agent", "account_manager", "supervisor", "editor"]),
    load=st.integers(0, 4),
    capacity=st.integers(0, 4),
    branch=PLACES,
    villages=st.lists(PLACES, max_size=2).map(" ".join),
    products=st.lists(PRODUCTS, max_size=2).map(" ".join),
)
QUEUES = st.lists(HANDOFFS, max_size=12, unique_by=lambda waiting: waiting.handoff.id)
TEAMS = st.lists(AGENTS, max_size=4, unique_by=lambda agent: agent.staff.id)


@unhurried
@given(QUEUES, TEAMS)
def test_whatever_the_queue_and_the_team(queue: list[Waiting], team: list[Agent]) -> None:
    chosen = choose(queue, team)
    given_to = Counter(agent for _, agent, _ in chosen)
    handoffs = [handoff for handoff, _, _ in chosen]

    assert len(handoffs) == len(set(handoffs)), "nobody is given to two"
    assert set(handoffs) <= {waiting.handoff.id for waiting in queue}
    by_id = {member.id: member for member, _ in team}
    load = {member.id: load for member, load in team}
    assert all(load[name] + count <= by_id[name].capacity for name, count in given_to.items())

    roles = {by_id[name].role for name in given_to}
    is_staffed = any(member.role in {"agent", "account_manager"} for member, _ in team)
    allowed = {"agent", "account_manager"} if is_staffed else {"supervisor"}
    assert roles <= allowed
    declined = {waiting.handoff.id: waiting.declined for waiting in queue}
    assert not any(agent in declined[handoff] for handoff, agent, _ in chosen), "nobody is offered what they declined"
    serving = [member for member, _ in team if member.role in allowed]
    free = {member.id for member in serving if load[member.id] + given_to[member.id] < member.capacity}
    waiting = declined.keys() - set(handoffs)
    assert all(free <= declined[handoff_id] for handoff_id in waiting), "nobody waits while somebody willing has room"


@unhurried
@given(QUEUES, TEAMS, st.data())
def test_the_order_of_the_lists_means_nothing(queue: list[Waiting], team: list[Agent], data: st.DataObject) -> None:
    assert choose(data.draw(st.permutations(queue)), data.draw(st.permutations(team))) == choose(queue, team)


def owner(name: str, villages: str = "", *, branch: str = "", called: str = "") -> StaffView:
    known: dict[str, Any] = {"login": f"{name}.login", "name": called or name, "villages": tuple(villages.split())}
    return make_staff(name, role="account_manager", branch=branch, **known)


ZHANG = owner("zhang", "柳河镇", called="张敏")
LI = owner("li", "王家村 小王家村", branch="柳河支行")
CHEN = owner("chen", "幸福社区 李村", branch="青山镇支行")
TEAM = [ZHANG, LI, CHEN]


@pytest.mark.parametrize(
    ("region", "source", "found"),
    [
        (None, None, None),
        ("", "", None),
        ("柳河镇王家村", None, "li"),
        ("柳河镇，王家村3组", None, "li"),
        ("我住柳河王家那边", None, "li"),
        ("柳河镇小王家村", None, "li"),
        ("柳河镇", None, "zhang"),
        ("柳河", None, "zhang"),
        ("柳", None, None),
        ("柳河镇幸福", None, "chen"),
        ("李村", None, "chen"),
        ("李家庄", None, None),
        ("青山乡张家村", None, "chen"),
        ("红旗镇", None, None),
        (None, "village:柳河镇", "zhang"),
        ("红旗镇", "village:柳河镇", "zhang"),
        ("王家村", "village:柳河镇", "li"),
        (None, "village:3", None),
        (None, "manager:ZHANG.login", "zhang"),
        (None, "manager:张敏", "zhang"),
        ("王家村", "manager:张敏", "zhang"),
        ("王家村", "manager:赵六", "li"),
        (None, "manager:柳河镇", None),
        (None, "张敏", None),
        (None, "manager:", None),
    ],
)
def test_a_customer_belongs_to_whom_the_code_or_the_place_names(
    region: str | None, source: str | None, found: str | None
) -> None:
    assert find_manager(region, source, TEAM) == found
    assert find_manager(region, source, TEAM[::-1]) == found


@pytest.mark.parametrize(
    ("team", "region", "source", "found"),
    [
        ([owner("a", "柳河镇"), owner("b", "柳河镇")], "柳河镇", None, None),
        ([owner("a", "柳河镇"), owner("b", "柳河镇 王家村")], "柳河镇", "village:王家村", "b"),
        ([owner("a", "柳河镇"), owner("b", branch="柳河支行")], "柳河镇王家村", None, "a"),
        ([owner("a", "柳河镇王家村"), owner("b", "柳河镇")], "王家村", None, "a"),
        ([owner("a", "凤凰岭镇"), owner("b", "王家村")], "凤凰岭镇王家村", None, "b"),
        ([owner("a", "王家村"), owner("b", "小王家村")], "小王家村", None, "b"),
        ([owner("a", called="王芳"), owner("b", called="王芳")], None, "manager:王芳", None),
        ([owner("a", "王家村", called="王芳"), owner("b", called="王芳")], "王家村", "manager:王芳", "a"),
    ],
)
def test_of_several_the_closest_one_and_nobody_by_chance(
    team: list[StaffView], region: str | None, source: str | None, found: str | None
) -> None:
    assert find_manager(region, source, team) == found


def test_an_ambiguous_village_still_goes_to_one_of_its_managers() -> None:
    team = [manager("a", "柳河镇", load=1), manager("b", "柳河镇"), manager("c")]
    assert choose([wait(region="柳河镇")], team) == [("h", "b", "village")]


@pytest.mark.parametrize(
    ("supervisors", "reviews", "reviewer"),
    [
        ("an", {}, "an"),
        ("bo an", {}, "an"),
        ("an bo", {"an": (0, 5)}, "bo"),
        ("an bo", {"an": (1, 90), "bo": (0, 5)}, "bo"),
        ("an bo", {"an": (0, 5), "bo": (0, 90)}, "bo"),
        ("an bo chen", {"an": (3, 5), "bo": (2, 6), "chen": (2, 7)}, "chen"),
        ("an bo", {"an": (1, 5), "bo": (2, 90), "gone": (0, 900)}, "an"),
    ],
    ids=["alone", "none ever", "never had one", "fewest", "longest without", "of the fewest", "who left"],
)
def test_a_review_goes_to_who_has_the_fewest_and_has_had_no_new_one_for_longest(
    supervisors: str, reviews: dict[str, tuple[int, int]], reviewer: str
) -> None:
    counted = {name: (count, NINE - timedelta(minutes=ago)) for name, (count, ago) in reviews.items()}
    assert choose_reviewer(supervisors.split(), counted) == reviewer
