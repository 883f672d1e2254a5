"""`python -m desk …`: creates the first admin, adds and lists staff, resets what they lost, checks audit records."""

import asyncio
import re
import sys
from argparse import ArgumentParser, Namespace
from getpass import getpass
from typing import Any, NoReturn, get_args

from desk import audit_command
from desk.accounts import ADMIN_LOGIN, Accounts, make_password
from desk.open_work import WorkKind, describe_count, find_lost_work
from desk.roles import ROLE_NAMES, Role
from desk.schemas import StaffView
from desk.second_factor.service import reset
from desk.staff_details import FIELD_NAMES
from kit.database import Database
from kit.errors import RequestError
from kit.settings import Settings

QUEUE = "queue"


def run(arguments: list[str], settings: Settings) -> int:
    """Runs one command; 0, or 1 with the reason on standard error. Bad usage leaves by SystemExit, as -h does."""
    options = _build_parser().parse_args(arguments)
    try:
        asyncio.run(_run(options, settings))
    except RequestError as error:
        print(error.reason, file=sys.stderr)
        return 1
    return 0


async def make_first_admin(database: Database, options: Namespace) -> None:
    """Creates `admin` if there is no admin, and prints the password, which is not shown again."""
    accounts = Accounts(database)
    password = await accounts.ensure_admin()
    if password:
        print(f"管理员账号 {ADMIN_LOGIN}，初始密码 {password}（只显示这一次，首次登录时修改）")
    elif not options.if_none:
        raise RequestError(409, "has_admin", f"已有管理员；忘了密码：python -m desk set-password {ADMIN_LOGIN}")


async def add_user(database: Database, options: Namespace) -> None:
    """Adds a staff member, who chooses a password at the first sign-in."""
    accounts = Accounts(database)
    password = _choose_password(options)
    details = {field: value for field, value in vars(options).items() if field in FIELD_NAMES}
    staff = await accounts.add_staff(options.login, password=password, **details)
    print(f"{staff.login}: {staff.name}, {ROLE_NAMES[staff.role]}")
    _tell(password, options)


async def change_role(database: Database, options: Namespace) -> None:
    """Changes somebody's role at once, for the operator."""
    await _change(database, options, role=options.role)


async def deactivate(database: Database, options: Namespace) -> None:
    """Closes somebody's account and signs them out everywhere."""
    await _change(database, options, is_active=False)


async def activate(database: Database, options: Namespace) -> None:
    """Opens a closed account again, for the operator."""
    await _change(database, options, is_active=True)


async def set_password(database: Database, options: Namespace) -> None:
    """Resets somebody's password to a new one to be changed at the next sign-in, and signs them out everywhere."""
    staff = await _find_staff(database, options.login)
    password = _choose_password(options)
    await Accounts(database).set_password(staff.id, password)
    print(f"{staff.login}: 密码已重设")
    _tell(password, options)


async def reset_second_factor(database: Database, options: Namespace) -> None:
    """Removes somebody's second factor, whose phone is lost, and signs them out everywhere."""
    staff = await _find_staff(database, options.login)
    await reset(database, staff, by=None)
    print(f"{staff.login}: 二次验证已重设，本人下次登录后再设")


async def list_users(database: Database, options: Namespace) -> None:
    """Prints a line for each staff member: login, name, role, branch, and whether they left."""
    accounts = Accounts(database)
    for staff in await accounts.list_staff():
        state = "" if staff.is_active else "已停用"
        print("\t".join((staff.login, staff.name, ROLE_NAMES[staff.role], staff.branch, state)).rstrip())


async def _run(options: Namespace, settings: Settings) -> None:
    database = Database(settings.database_url, settings.open_vault())
    try:
        await options.command(database, options)
    finally:
        await database.close()


async def _change(database: Database, options: Namespace, **changes: Any) -> None:
    """Changes rights; RequestError 422 for open work of which `--work-to` does not say who takes it."""
    accounts = Accounts(database)
    staff = await _find_staff(database, options.login)
    # First of all: a mistyped account is an error though there may be nothing to take.
    named = getattr(options, "work_to", None)
    taker = await _find_staff(database, named) if named not in (None, QUEUE) else None
    work_to: dict[WorkKind, str] = {}
    role = changes.get("role", staff.role) if changes.get("is_active", staff.is_active) else None
    if lost := find_lost_work(staff.role if staff.is_active else None, role):
        counts = await accounts.count_open_work(staff.id)
        open_kinds = [kind for kind in lost if describe_count(kind, counts)]
        if open_kinds and named is None:
            told = "，".join(describe_count(kind, counts) for kind in open_kinds)
            raise RequestError(422, "open_work", f"{staff.name}还有{told}，请加上 --work-to 账号 或 --work-to queue")
        if taker:
            work_to = dict.fromkeys(open_kinds, taker.id)
    changed = await accounts.update_staff(staff.id, work_to=work_to, **changes)
    print(f"{changed.login}: {ROLE_NAMES[changed.role]}{'' if changed.is_active else '，已停用'}")


async def _find_staff(database: Database, login: str) -> StaffView:
    staff = await Accounts(database).find_staff(login)
    if staff is None:
        raise RequestError(404, "no_such_staff", f"没有这个账号：{login}")
    return staff


def _choose_password(options: Namespace) -> str:
    if options.generate:
        return make_password()
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("密码：")
    if getpass("再输一次：") != password:
        raise RequestError(422, "not_the_same", "两次输入的密码不一样")
    return password


def _tell(password: str, options: Namespace) -> None:
    if options.generate:
        print(f"初始密码（只显示这一次）：{password}")


class CommandParser(ArgumentParser):
    """Says in Chinese how a command is used, and what is wrong with it: operators of the bank read it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, **options)
        self.add_argument("-h", "--help", action="help", help="显示用法")
        self._positionals.title, self._optionals.title = "参数", "选项"

    def format_usage(self) -> str:
        """The line of the usage."""
        return super().format_usage().replace("usage: ", "用法：", 1)

    def format_help(self) -> str:
        """The page of -h."""
        return super().format_help().replace("usage: ", "用法：", 1)

    def error(self, message: str) -> NoReturn:
        """Leaves with 2."""
        for english, chinese in _ERRORS.items():
            message = re.sub(english, chinese, message)
        self.exit(2, f"{self.format_usage()}{self.prog}：{message}\n")


# What argparse says.
_ERRORS = {
    r"^the following arguments are required: (.*)$": r"缺少 \1",
    r"^unrecognized arguments: (.*)$": r"不认识 \1",
    r"^argument ([^:]*): invalid choice: ([^ ]*) \(choose from (.*)\)$": r"\1 不能是 \2，可选 \3",
    r"^argument ([^:]*): invalid int value: (.*)$": r"\1 要是整数，不能是 \2",
    r"^argument ([^:]*): expected one argument$": r"\1 后面要写一个值",
    r"^ambiguous option: (.*) could match (.*)$": r"\1 不明确，可能是 \2",
}


def _build_parser() -> ArgumentParser:
    parser = CommandParser(prog="python -m desk", description="管理工作台的账号和审计记录")
    commands = parser.add_subparsers(required=True, metavar="命令", title="命令")
    audit_command.add_commands(commands.add_parser("audit", help="检查或导出审计记录"))

    first = commands.add_parser("first-password", help="添加第一位管理员，密码只显示一次")
    first.set_defaults(command=make_first_admin)
    first.add_argument("--if-none", action="store_true", help="已有管理员时什么也不说")

    add = commands.add_parser("add-user", help="添加人员")
    add.set_defaults(command=add_user)
    add.add_argument("login", metavar="账号")
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, choices=get_args(Role))
    add.add_argument("--village", dest="villages", action="append", default=[], help="可以写多次")
    add.add_argument("--product", dest="products", action="append", default=[], help="可以写多次")
    add.add_argument("--capacity", type=int, default=5, help="同时接待几位客户")
    for text in ("--branch", "--phone", "--email", "--wecom-id"):
        add.add_argument(text, default="")

    moved = commands.add_parser("change-role", help="变更角色")
    moved.set_defaults(command=change_role)
    closed = commands.add_parser("deactivate", help="停用账号")
    closed.set_defaults(command=deactivate)
    for command in (moved, closed):
        command.add_argument("login", metavar="账号")
        command.add_argument("--work-to", metavar="账号|queue", help="谁接手本人不能再做的工作")
    moved.add_argument("role", choices=get_args(Role))
    opened = commands.add_parser("activate", help="重新启用账号")
    opened.set_defaults(command=activate)
    opened.add_argument("login", metavar="账号")

    change = commands.add_parser("set-password", help="重设密码")
    change.set_defaults(command=set_password)
    change.add_argument("login", metavar="账号")
    for command in (add, change):
        command.add_argument("--generate", action="store_true", help="随机生成密码，只显示一次")

    lost = commands.add_parser("reset-second-factor", help="手机丢了的人：重设二次验证")
    lost.set_defaults(command=reset_second_factor)
    lost.add_argument("login", metavar="账号")

    commands.add_parser("list-users", help="列出人员").set_defaults(command=list_users)
    return parser
