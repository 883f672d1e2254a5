"""`python -m knowledge import` and `export`: entries as tables, manuals and backups; an import drafts like a person."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from desk.accounts import Accounts
from desk.audit import record
from desk.entry_drafts import make_entry_topic
from desk.entry_table import make_entry_table
from desk.manual_rows import find_category_by, write_manual_table
from desk.schemas import OPERATOR, StaffView
from desk.topic_import import TopicImport, TopicTable
from imports.columns import list_columns
from imports.csv_files import BOM, write_csv
from imports.plan import EFFECT_NAMES
from imports.reading import Table
from imports.service import Imports, Progress
from imports.writing import write_rows
from imports.xlsx_files import write_xlsx
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import InvalidFields, RequestError
from kit.http import ServiceClient
from knowledge.client import KnowledgeClient
from knowledge.golden_questions import add_golden_questions, has_golden_question, list_golden_questions
from knowledge.record import entry_revisions
from knowledge.rows import EntryRow
from knowledge.settings import KnowledgeSettings

MANUALS = (".docx", ".txt", ".md")
PROBLEMS_SHOWN = 50
FORMAT = 1
KNOWLEDGE_SECONDS = 5.0


class BackupQuestion(BaseModel):
    """A golden question."""

    model_config = ConfigDict(extra="forbid")

    text: str
    entry_id: str | None


class Backup(BaseModel):
    """The entries in force, and the golden questions."""

    model_config = ConfigDict(extra="forbid")

    format: int
    entries: list[EntryRow]
    golden_questions: list[BackupQuestion]


def run_import(path: Path, settings: KnowledgeSettings, *, is_dry: bool, by: str | None, since: str | None) -> int:
    """Imports a file: 0, or 2 with what is wrong on standard error."""

    content = path.read_bytes()

    async def work(database: Database) -> None:
        table, backup = await _read(content, path.suffix.lower(), settings)
        await import_table(database, table, is_dry=is_dry, by=by, since=since, link_hosts=settings.link_hosts)
        if backup and not is_dry:
            await add_missing(database, backup.golden_questions)

    return asyncio.run(_run(settings, work))


def run_export(path: Path, settings: KnowledgeSettings) -> int:
    """Exports to a file: 0, or 2 with what is wrong on standard error."""

    async def work(database: Database) -> None:
        content = await export(database, path.suffix.lower())
        await asyncio.to_thread(path.write_bytes, content)
        print(f"已写入{path}")

    return asyncio.run(_run(settings, work))


async def import_table(
    database: Database,
    content: bytes | Table,
    *,
    is_dry: bool = False,
    by: str | None = None,
    since: str | None = None,
    link_hosts: Collection[str] = (),
    clock: Clock = read_clock,
) -> None:
    """Drafts what a table changes, in somebody's name; prints what became of each kind of row.

    RequestError if anything is wrong: then nothing is drafted.
    """
    day = since or clock().astimezone(CHINA).date().isoformat()
    target = TopicImport(_make_table(clock, link_hosts), await find_staff(database, by), day, clock)
    plan = await Imports(database).dry_run(content, target, Progress())
    counts = "，".join(f"{EFFECT_NAMES[effect]}{count}" for effect, count in plan.counts.items() if count)
    print("\n".join((counts, *plan.notes)))
    if plan.problems:
        more = ["……"] if len(plan.problems) > PROBLEMS_SHOWN else []
        told = "\n".join(("有错，一行都没有导入：", *plan.problems[:PROBLEMS_SHOWN], *more))
        raise RequestError(422, "rows_wrong", told)
    if is_dry:
        print("只是试算，没有导入")
    else:
        await Imports(database).commit(content, plan.token, target, Progress())
        print(f"已起草{len(plan.todo)}份，等工作台上另一位同事审核")


async def add_missing(database: Database, questions: Sequence[BackupQuestion], clock: Clock = read_clock) -> None:
    """Adds the golden questions that are missing: they refuse more, and answer nothing."""
    added, now = 0, clock()
    async with database.transaction() as session:
        for text, entry_id in ((each.text, each.entry_id) for each in questions):
            is_known = entry_id is None or bool(await entry_revisions.list_all(session, entry_id))
            if is_known and not await has_golden_question(session, text):
                add_golden_questions(session, [text], entry_id, now, by=OPERATOR.id)
                await record(session, now, OPERATOR.id, "golden_added", entry_id or "", text=text)
                added += 1
    print(f"加了{added}道必测题")


async def export(database: Database, suffix: str, clock: Clock = read_clock) -> bytes:
    """The entries in force as .xlsx, .csv or .json; RequestError 415 for something else."""
    table = _make_table(clock)
    async with database.reading() as session:
        revisions = await table.topic.read_revisions(session)
        golden = await list_golden_questions(session)
    today = clock().astimezone(CHINA).date()
    rows = [row for _, row in table.list_rows(revisions, today) if row.expires_on is None or row.expires_on > today]
    columns = list_columns(EntryRow)
    if suffix == ".xlsx":
        return write_xlsx(columns, rows)
    if suffix == ".csv":
        return (BOM + write_csv(write_rows(columns, rows))).encode()
    if suffix == ".json":
        questions = [BackupQuestion(text=each.text, entry_id=each.entry_id) for each in golden]
        backup = Backup(format=FORMAT, entries=rows, golden_questions=questions)
        return f"{backup.model_dump_json(indent=1)}\n".encode()
    raise RequestError(415, "unknown_format", "文件名要以.xlsx、.csv或.json结尾")


async def _run(settings: KnowledgeSettings, work: Callable[[Database], Awaitable[None]]) -> int:
    database = Database(settings.database_url, settings.open_vault())
    try:
        await work(database)
    except RequestError as error:
        problems = error.problems.values() if isinstance(error, InvalidFields) else ()
        print("\n".join((error.reason, *problems)), file=sys.stderr)
        return 2
    finally:
        await database.close()
    return 0


async def _read(content: bytes, suffix: str, settings: KnowledgeSettings) -> tuple[bytes | Table, Backup | None]:
    """A file as a table, and the backup that it is."""
    if suffix == ".json":
        backup = read_backup(content)
        return make_table(backup), backup
    if suffix not in MANUALS:
        return content, None
    token = settings.knowledge_token.get_secret_value()
    http = ServiceClient("knowledge", settings.knowledge_url, deadline=KNOWLEDGE_SECONDS, tries=1, token=token)
    try:
        return await write_manual_table(content, find_category_by(KnowledgeClient(http))), None
    finally:
        await http.close()


def make_table(backup: Backup) -> Table:
    """The entries as a table: of whatever size, as nobody uploads it."""
    headings, *rows = write_rows(list_columns(EntryRow), backup.entries)
    return Table(tuple(headings), tuple((number, tuple(cells)) for number, cells in enumerate(rows, 2)))


def read_backup(content: bytes) -> Backup:
    """A backup; RequestError 422 if it is none."""
    try:
        backup = Backup.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RequestError(422, "broken_backup", f"备份文件不对：{place} {first['msg']}") from None
    if backup.format != FORMAT:
        raise RequestError(422, "broken_backup", f"备份文件是另一种格式：{backup.format}")
    return backup


async def find_staff(database: Database, login: str | None) -> StaffView:
    """A member of staff by login, or the operator; RequestError 404 for an unknown login."""
    if login is None:
        return OPERATOR
    staff = await Accounts(database).find_staff(login)
    if staff is None:
        raise RequestError(404, "no_such_staff", f"没有这个账号：{login}")
    return staff


def _make_table(clock: Clock, link_hosts: Collection[str] = ()) -> TopicTable[EntryRow]:
    return make_entry_table(make_entry_topic(clock, link_hosts), clock, link_hosts)
