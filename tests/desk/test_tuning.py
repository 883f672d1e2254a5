"""A tuning is drafted like a person drafts, and nothing is in force before a second person says so."""

from pathlib import Path

import pytest

from desk.audit import AuditLog
from desk.audit_wording import describe_record
from desk.encoder_drafts import CONFIGURED, EncoderDrafts
from desk.schemas import OPERATOR, StaffView
from desk.tuning import Tunings
from desk.tuning_command import KEPT, QUESTIONS_LEAST, describe_run, tune_encoder
from kit.errors import InvalidFields, RequestError
from knowledge.record import ENCODER_KEY
from knowledge.repository import find_tuned
from knowledge.tuned_encoders import TunedEncoders
from knowledge.tuning.runs import TuningView
from knowledge.tuning.schemas import EncoderMetrics, Material, NotBetterError, Progress, TuningResult
from revisions.rules import find_draft
from revisions.schemas import RevisionView
from tests.desk.office import Office
from tests.knowledge.entries import make_entry, store

BEFORE = EncoderMetrics(hit_at_1=0.6, hit_at_3=0.8, golden=0.9, false_alarms=0.02, missed_alarms=0.1)
AFTER = BEFORE.model_copy(update={"hit_at_1": 0.7})
FIRST, SECOND = "a" * 64, "b" * 64


class ScriptedTuning:
    """Makes the encoder it is told to, or fails; remembers what it was given."""

    def __init__(self, tuned: TunedEncoders, fingerprint: str = FIRST, error: Exception | None = None) -> None:
        self._tuned = tuned
        self._fingerprint = fingerprint
        self._error = error
        self.material: Material | None = None

    def __call__(self, material: Material, progress: Progress) -> TuningResult:
        self.material = material
        progress("学习", 0.5)
        if self._error:
            raise self._error
        (self._tuned.folder / self._fingerprint).mkdir()
        return TuningResult(self._fingerprint, 3000, BEFORE, AFTER)


@pytest.fixture
def tuned(tmp_path: Path) -> TunedEncoders:
    return TunedEncoders(tmp_path)


@pytest.fixture
def drafts(office: Office, tuned: TunedEncoders) -> EncoderDrafts:
    return EncoderDrafts(tuned, office.database, office.clock)


@pytest.fixture
async def published(office: Office) -> None:
    many = [f"第{number}种说法怎么办" for number in range(QUESTIONS_LEAST)]
    day = office.clock.now.date()
    await store(
        office.database,
        make_entry("own-entry", "卡丢了怎么办", many),
        make_entry("secret", "内部怎么处理", ["内部流程"], is_internal=True),
        effective_from=day,
    )


async def tune(office: Office, staff: StaffView, work: ScriptedTuning, tuned: TunedEncoders) -> TuningView:
    return await tune_encoder(office.database, staff, work, tuned, office.clock)


async def find_waiting(drafts: EncoderDrafts, staff: StaffView) -> RevisionView:
    draft = find_draft(await drafts.list_versions(staff))
    assert draft
    return draft


async def read_in_force(office: Office) -> str | None:
    async with office.database.reading() as session:
        return await find_tuned(session, office.clock.now.date())


@pytest.mark.usefixtures("published")
async def test_it_is_in_force_when_a_second_person_approves_and_goes_back_the_same_way(
    office: Office, tuned: TunedEncoders, drafts: EncoderDrafts, editor: StaffView, approver: StaffView
) -> None:
    work = ScriptedTuning(tuned)
    run = await tune(office, editor, work, tuned)
    assert (run.outcome, run.before, run.after, run.questions) == ("drafted", BEFORE, AFTER, QUESTIONS_LEAST + 1)
    assert work.material
    assert list(work.material.entries) == ["own-entry"]
    assert await read_in_force(office) is None

    with pytest.raises(RequestError, match="403"):
        await drafts.approve(editor, await find_waiting(drafts, editor))
    office.clock.move(days=3)  # it begins when it is approved, though it was drafted before
    await drafts.approve(approver, await find_waiting(drafts, approver))
    assert await read_in_force(office) == FIRST

    again = ScriptedTuning(tuned, SECOND)
    await tune(office, editor, again, tuned)
    assert again.material
    assert again.material.in_force == FIRST
    await drafts.approve(approver, await find_waiting(drafts, approver))
    assert await read_in_force(office) == SECOND

    await drafts.draft_version(editor, CONFIGURED)
    assert await read_in_force(office) == SECOND
    await drafts.approve(approver, await find_waiting(drafts, approver))
    assert await read_in_force(office) is None
    await drafts.roll_back(editor, ENCODER_KEY, 1)
    await drafts.approve(approver, await find_waiting(drafts, approver))
    assert await read_in_force(office) == FIRST
    told = [describe_record(each, {}) for each in await AuditLog(office.database).list_records(20)]
    assert sum("优化找答案的模型" in each for each in told) == 2
    assert sum("审核通过模型" in each for each in told) == 4


@pytest.mark.usefixtures("published")
async def test_what_is_no_better_is_said_and_not_drafted(
    office: Office, tuned: TunedEncoders, drafts: EncoderDrafts, editor: StaffView
) -> None:
    run = await tune(office, editor, ScriptedTuning(tuned, error=NotBetterError(BEFORE, BEFORE)), tuned)
    assert (run.outcome, run.after) == ("not_better", BEFORE)
    assert describe_run(run) == "第一个就对：60.0% → 60.0%。没有变好，不保留"
    assert await drafts.list_versions(editor) == []


@pytest.mark.usefixtures("published")
async def test_what_fails_is_noted_and_stops_no_later_one(
    office: Office, tuned: TunedEncoders, editor: StaffView
) -> None:
    with pytest.raises(RuntimeError, match="no memory"):
        await tune(office, OPERATOR, ScriptedTuning(tuned, error=RuntimeError("no memory")), tuned)
    [failed] = await Tunings(EncoderDrafts(tuned, office.database, office.clock), office.database).list_all(editor)
    assert (failed.outcome, failed.problem) == ("failed", "no memory")
    assert (await tune(office, editor, ScriptedTuning(tuned), tuned)).outcome == "drafted"


async def test_too_few_questions_teach_nothing(office: Office, tuned: TunedEncoders, editor: StaffView) -> None:
    with pytest.raises(RequestError, match="too_few"):
        await tune(office, editor, ScriptedTuning(tuned), tuned)
    [failed] = await Tunings(EncoderDrafts(tuned, office.database, office.clock), office.database).list_all(editor)
    assert failed.problem.startswith("问法不到")


@pytest.mark.usefixtures("published")
async def test_nothing_begins_while_a_draft_waits_or_without_the_right(
    office: Office, tuned: TunedEncoders, drafts: EncoderDrafts, editor: StaffView, approver: StaffView
) -> None:
    started: list[str] = []

    async def start(login: str) -> None:
        started.append(login)

    tunings = Tunings(drafts, office.database, office.clock, start)
    await tunings.begin(editor)
    assert started == [editor.login]
    with pytest.raises(RequestError, match="403"):
        await tunings.begin(approver)
    await tune(office, editor, ScriptedTuning(tuned), tuned)
    for attempt in (tunings.begin(editor), tune(office, editor, ScriptedTuning(tuned, SECOND), tuned)):
        with pytest.raises(RequestError, match="409 draft_open"):
            await attempt
    assert started == [editor.login]


@pytest.mark.usefixtures("published")
async def test_a_version_whose_files_are_gone_is_not_put_in_force(
    office: Office, tuned: TunedEncoders, drafts: EncoderDrafts, editor: StaffView, approver: StaffView
) -> None:
    await tune(office, editor, ScriptedTuning(tuned), tuned)
    tuned.remove(FIRST)
    with pytest.raises(InvalidFields) as refused:
        await drafts.approve(approver, await find_waiting(drafts, approver))
    assert refused.value.problems == {"fingerprint": "这一版的文件已经不在了"}
    assert await read_in_force(office) is None


@pytest.mark.usefixtures("published")
async def test_old_versions_go_but_never_the_one_in_force(
    office: Office, tuned: TunedEncoders, drafts: EncoderDrafts, editor: StaffView, approver: StaffView
) -> None:
    await tune(office, editor, ScriptedTuning(tuned), tuned)
    await drafts.approve(approver, await find_waiting(drafts, approver))
    for number in range(KEPT + 1):
        await tune(office, editor, ScriptedTuning(tuned, f"{number:064}"), tuned)
        await drafts.withdraw(editor, await find_waiting(drafts, editor))
    kept = tuned.list_all()
    assert FIRST in kept
    assert len(kept) == KEPT + 1
