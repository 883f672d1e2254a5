"""The data officer's commands, on the database of the settings.

Whatever shows or changes a customer's data is recorded in that customer's ledger. `hold list`, `ledger` and `retention`
show random ids, reasons and counts; `map` shows no rows at all.
"""

import asyncio
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from applications.tables import Application
from conversations.tables import Conversation, Customer, Handoff
from kit.clock import CHINA, read_clock
from kit.database import Database
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from kit.masking import mask_personal_data
from kit.search_keys import read_search
from kit.settings import Settings
from privacy import ledger
from privacy.data_map import write_map
from privacy.ledger import Ledger
from privacy.rights.dialogue import connect_rasa, forget_dialogue
from privacy.rights.expiry import RetentionRunner
from privacy.rights.export import collect, write_json, write_page
from privacy.rights.holds import add_hold, lift_holds, list_holds
from privacy.rights.service import erase_conversation
from privacy.rights.summary import DataSummary, is_held, lock_conversation, summarise
from privacy.schemas import RECORD_NAMES

BY = "data_officer"


def run(arguments: Sequence[str], settings: Settings) -> str | None:
    """Runs a command; returns what went wrong, or None."""
    options = build_parser().parse_args(arguments)
    try:
        asyncio.run(_run(options, settings))
    except (RequestError, ServiceUnavailable, ServiceRefused) as error:
        return getattr(error, "reason", "") or str(error)
    return None


async def _run(options: Namespace, settings: Settings) -> None:
    database = Database(settings.database_url, settings.open_vault())
    try:
        await options.command(database, options, settings)
    finally:
        await database.close()


async def find(database: Database, options: Namespace, settings: Settings) -> None:
    """Customers with a phone, name, application number or id."""
    async with database.transaction() as session:
        for conversation_id in await find_conversations(session, options.text):
            summary = await _look_up(session, conversation_id)
            numbers = "、".join(application.number for application in summary.applications)
            print(f"{summary.customer_id}  {summary.channel}  消息{summary.messages}  {numbers or '没有申请'}")


async def export(database: Database, options: Namespace, settings: Settings) -> None:
    """Writes a customer's copy, as HTML or JSON, to the terminal or a file."""
    now = read_clock()
    async with database.transaction() as session:
        conversation_id = await _find_one(session, options.customer)
        sections = await collect(session, conversation_id, now)
        customer = (await lock_conversation(session, conversation_id)).customer
        await ledger.record(session, now, "exported", customer.id, channel=customer.channel, details={"by": BY})
    print(write_json(sections) if options.format == "json" else write_page(sections, now))


async def erase_customer(database: Database, options: Namespace, settings: Settings) -> None:
    """Erases what may go; a dry run only says what would."""
    async with database.transaction() as session:
        conversation_id = await _find_one(session, options.customer)
        if await is_held(session, (await lock_conversation(session, conversation_id)).customer_id):
            raise RequestError(409, "legal_hold", "这位客户有法定保留，先解除（python -m privacy hold remove）再删")
        if options.dry_run:
            summary = await _look_up(session, conversation_id)
            print(json.dumps(summary.model_dump(mode="json"), ensure_ascii=False, indent=2))
            return
    rasa = connect_rasa(settings)
    try:
        done = await erase_conversation(database, partial(forget_dialogue, rasa), conversation_id, by=BY)
    finally:
        await rasa.close()
    receipt = done.pop("receipt")
    print(f"已删除，凭证号{receipt}：{json.dumps(done, ensure_ascii=False)}")


async def add_legal_hold(database: Database, options: Namespace, settings: Settings) -> None:
    """Forbids erasing a customer."""
    async with database.transaction() as session:
        conversation = await lock_conversation(session, await _find_one(session, options.customer))
        await add_hold(session, conversation.customer_id, options.reason, read_clock())
    print("已保留")


async def remove_legal_hold(database: Database, options: Namespace, settings: Settings) -> None:
    """Lifts the holds of a customer."""
    async with database.transaction() as session:
        conversation = await lock_conversation(session, await _find_one(session, options.customer))
        lifted = await lift_holds(session, conversation.customer_id, read_clock())
    print(f"解除了{lifted}项")


async def show_holds(database: Database, options: Namespace, settings: Settings) -> None:
    """The holds that stand."""
    async with database.reading() as session:
        for hold in await list_holds(session):
            print(f"{hold.customer_id}  {hold.added_at.astimezone(CHINA):%Y-%m-%d}  {hold.reason}")


async def verify(database: Database, options: Namespace, settings: Settings) -> None:
    """Says how many records stand as they were written; RequestError 409 names the first that does not."""
    count, last, broken = await Ledger(database).verify()
    if broken is not None:
        raise RequestError(409, "broken_chain", f"台账从编号{broken}起与写入时不一致（之前{count}条完好）")
    print(f"{count}条记录完好，末条哈希 {last or '（无）'}")


async def show(database: Database, options: Namespace, settings: Settings) -> None:
    """Prints the records, of one customer or all."""
    async for record in Ledger(database).read_from(options.after):
        if options.customer in ("", record.customer_id):
            details = json.dumps(record.details, ensure_ascii=False) if record.details else ""
            at = f"{record.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
            name = RECORD_NAMES[record.kind]
            purpose = f"{record.purpose} {record.wording_version}".strip()
            print(f"{record.id}  {at}  {record.customer_id}  {name}  {purpose}  {details}".rstrip())


async def retain(database: Database, options: Namespace, settings: Settings) -> None:
    """Deletes what is past its time, or only counts it."""
    counts = await RetentionRunner(database).run(read_clock(), is_dry=options.dry_run)
    for kind, count in counts.items():
        print(f"{kind:24}{count:>8}")


async def show_map(database: Database, options: Namespace, settings: Settings) -> None:
    """Prints data map and retention table."""
    print("\n".join(write_map()))


async def find_conversations(session: AsyncSession, text: str) -> Sequence[str]:
    """The conversations whose customer, application or callback has this id, number, phone or name.

    Names and phones are found as kit/search_keys.py says.
    """
    key = read_search(text)
    by_application = select(Application.conversation_id).where(
        or_(Application.number == text, Application.search_keys.contains(key))
    )
    by_handoff = select(Handoff.conversation_id).where(Handoff.search_keys.contains(key))
    is_meant = or_(
        Conversation.id == text,
        Customer.id == text,
        Customer.channel_user_id == text,
        Conversation.id.in_(by_application),
        Conversation.id.in_(by_handoff),
    )
    return (await session.scalars(select(Conversation.id).join(Conversation.customer).where(is_meant))).all()


async def _look_up(session: AsyncSession, conversation_id: str) -> DataSummary:
    """What there is of a customer; that somebody looked is recorded."""
    now = read_clock()
    summary = await summarise(session, conversation_id, now)
    await ledger.record(session, now, "looked_up", summary.customer_id, channel=summary.channel, details={"by": BY})
    return summary


async def _find_one(session: AsyncSession, text: str) -> str:
    found = await find_conversations(session, text)
    if len(found) != 1:
        told = mask_personal_data(text)
        raise RequestError(404, "not_one", f"“{told}”对应{len(found)}位客户；请先用find查到客户编号")
    return found[0]


def build_parser() -> ArgumentParser:
    """The commands and their arguments."""
    parser = ArgumentParser(prog="python -m privacy")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, act: Any, told: str, parent: Any = commands) -> ArgumentParser:
        added: ArgumentParser = parent.add_parser(name, help=told)
        added.set_defaults(command=act)
        return added

    add("find", find, "customers by phone, name, application number or id").add_argument("text")
    given = add("export", export, "print all that is stored of a customer")
    given.add_argument("customer", help="id, application number, phone or name")
    given.add_argument("--format", choices=("html", "json"), default="html")
    gone = add("erase", erase_customer, "erase what may go of a customer")
    gone.add_argument("customer", help="id, application number, phone or name")
    gone.add_argument("--dry-run", action="store_true", help="only say what would go")

    holds = commands.add_parser("hold", help="forbid erasing a customer").add_subparsers(required=True, metavar="ACT")
    put = add("add", add_legal_hold, "forbid it", holds)
    put.add_argument("customer")
    put.add_argument("--reason", required=True)
    add("remove", remove_legal_hold, "allow it again", holds).add_argument("customer")
    add("list", show_holds, "the holds that stand", holds)

    records = commands.add_parser("ledger", help="consents and rights").add_subparsers(required=True, metavar="ACT")
    add("verify", verify, "check that no record was changed", records)
    listed = add("show", show, "print the records", records)
    listed.add_argument("customer", nargs="?", default="")
    listed.add_argument("--after", type=int, default=0, metavar="ID", help="only records with a greater id")

    add("retention", retain, "delete what is past its time").add_argument("--dry-run", action="store_true")
    add("map", show_map, "print the data map and the retention table")
    return parser
