"""`python -m desk audit …`: checks the chain of audit records, and writes them for the bank's own log system."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import UTC

from desk.audit import AuditLog
from desk.audit_names import name_customers, name_staff, pick_names
from desk.schemas import AuditView
from kit.database import Database
from kit.errors import RequestError

# RFC 5424: facility 13 (log audit), severity 6 (informational).
_PRIORITY = 13 * 8 + 6


async def verify(database: Database, options: Namespace) -> None:
    """Says how many records stand as they were written; RequestError 409 names the first that does not."""
    count, last, broken = await AuditLog(database).verify()
    if broken is not None:
        raise RequestError(409, "broken_chain", f"审计记录从编号{broken}起与写入时不一致（之前{count}条完好）")
    print(f"{count}条审计记录完好，末条哈希 {last or '（无）'}")


async def export(database: Database, options: Namespace) -> None:
    """Prints a line for each record after an id, with the names of staff; customers' only if asked for."""
    write = write_syslog if options.format == "syslog" else write_json
    async with database.reading() as session:
        staff = await name_staff(session)
    async for view in AuditLog(database).read_from(options.after):
        names = staff
        if options.customers:
            async with database.reading() as session:
                names = staff | await name_customers(session, [view])
        print(write(view, pick_names(view, names)))


def write_json(view: AuditView, names: Mapping[str, str]) -> str:
    """A record as a JSON line, with the names of the ids and hashes in it."""
    return json.dumps({**view.model_dump(mode="json"), "names": names}, ensure_ascii=False)


def write_syslog(view: AuditView, names: Mapping[str, str]) -> str:
    """A record as a syslog line (RFC 5424) with the JSON line as its message."""
    at = view.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"<{_PRIORITY}>1 {at} - xiaohe-desk - {view.action} - {write_json(view, names)}"


def add_commands(parser: ArgumentParser) -> None:
    """Adds `verify` and `export` to the parser of `audit`."""
    commands = parser.add_subparsers(required=True, metavar="动作")
    check = commands.add_parser("verify", help="检查记录没有被改动")
    check.set_defaults(command=verify)
    write = commands.add_parser("export", help="输出记录，一行一条")
    write.set_defaults(command=export)
    write.add_argument("--after", type=int, default=0, metavar="编号", help="只要编号更大的记录")
    write.add_argument("--customers", action="store_true", help="带上客户姓名（导出后就删不掉了）")
    write.add_argument("--format", choices=("json", "syslog"), default="json")
