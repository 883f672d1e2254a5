"""`python -m desk …` as operators use it."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from desk import command
from desk.accounts import Accounts
from desk.second_factor.service import SecondFactors
from kit.database import Database
from kit.settings import Settings
from tests.desk.office import Office
from tests.desk.second_factor.conftest import enrol
from tests.fakes import FixedClock
from tests.vaults import VAULT

PASSWORD = "柳河镇的桥-1987"
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
ADD = "add-user zhang --name 张敏 --role account_manager"


class Terminal(io.StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


RunCommand = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run_command(
    database_url: str, cheap_hashes: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> RunCommand:
    """Runs a command with this on standard input; its code and what it prints."""

    def run_it(line: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = command.run(line.split(), Settings(database_url=database_url))
        return code, *capsys.readouterr()

    return run_it


async def test_a_password_is_read_from_a_pipe(run_command: RunCommand, accounts: Accounts) -> None:
    line = f"{ADD} --branch 柳河支行 --village 柳河镇 --village 青石乡 --product farmer_loan --capacity 8"
    line += " --phone 13800001234 --email z@bank.example --wecom-id ZhangMin"
    done = await asyncio.to_thread(run_command, line, PASSWORD + "\r\n")
    assert done == (0, "zhang: 张敏, 客户经理\n", "")
    staff = await accounts.sessions.find(await accounts.sign_in("zhang", PASSWORD))
    assert staff is not None
    assert (staff.villages, staff.products, staff.capacity) == (("柳河镇", "青石乡"), ("farmer_loan",), 8)
    assert (staff.branch, staff.phone, staff.email, staff.wecom_id) == (
        "柳河支行",
        "13800001234",
        "z@bank.example",
        "ZhangMin",
    )
    assert staff.must_change_password


async def test_a_generated_password_is_shown_once(run_command: RunCommand, accounts: Accounts) -> None:
    for line in (f"{ADD} --generate", "set-password zhang --generate"):
        code, out, err = await asyncio.to_thread(run_command, line)
        assert (code, err) == (0, "")
        assert await accounts.sign_in("zhang", out.strip().rpartition("：")[2])


async def test_a_password_is_asked_twice_and_not_shown(
    database_url: str, accounts: Accounts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [PASSWORD, "another one", PASSWORD, PASSWORD]
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(command, "getpass", lambda prompt: answers.pop(0))
    settings = Settings(database_url=database_url)
    assert await asyncio.to_thread(command.run, ADD.split(), settings) == 1
    assert await asyncio.to_thread(command.run, ADD.split(), settings) == 0
    assert tuple(capsys.readouterr()) == ("zhang: 张敏, 客户经理\n", "两次输入的密码不一样\n")
    assert await accounts.sign_in("zhang", PASSWORD)


async def test_the_first_password_is_printed_once(
    run_command: RunCommand, accounts: Accounts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code, out, err = await asyncio.to_thread(run_command, "first-password --if-none")
    found = re.fullmatch("管理员账号 admin，初始密码 ([^（]+)（只显示这一次，首次登录时修改）\n", out)
    assert found
    assert (code, err) == (0, "")
    assert await accounts.sign_in("admin", found[1])
    assert found[1] not in caplog.text
    code, out, err = await asyncio.to_thread(run_command, "first-password")
    assert (code, out, err) == (1, "", "已有管理员；忘了密码：python -m desk set-password admin\n")
    assert await asyncio.to_thread(run_command, "first-password --if-none") == (0, "", "")
    assert await accounts.sign_in("admin", found[1])


def test_everybody_is_listed(run_command: RunCommand) -> None:
    run_command(f"{ADD} --branch 柳河支行", PASSWORD)
    run_command("add-user admin2 --name 王主任 --role admin", PASSWORD)
    assert run_command("list-users") == (0, "admin2\t王主任\t管理员\nzhang\t张敏\t客户经理\t柳河支行\n", "")


@pytest.mark.parametrize(
    ("line", "typed", "said"),
    [
        (ADD, "short", "密码至少要10个字符\n"),
        (ADD, "", "密码至少要10个字符\n"),
        (f"{ADD} --product gold", PASSWORD, "产品请从列表里选\n"),
        ("set-password nobody", PASSWORD, "没有这个账号：nobody\n"),
        ("reset-second-factor nobody", "", "没有这个账号：nobody\n"),
    ],
)
def test_what_cannot_be_done_is_said(line: str, typed: str, said: str, run_command: RunCommand) -> None:
    assert run_command(line, typed) == (1, "", said)


@pytest.mark.parametrize("line", ["", "fly", "add-user zhang", "add-user zhang --name 张敏 --role boss"])
def test_bad_usage_shows_the_usage(line: str, run_command: RunCommand, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run_command(line)
    assert capsys.readouterr().err.startswith("用法：python -m desk")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("add-user zhang", "缺少 --name, --role"),
        ("add-user zhang --name 张敏 --role boss", "--role 不能是 'boss'，可选 'agent', "),
        ("add-user zhang --name 张敏 --role agent --capacity many", "--capacity 要是整数，不能是 'many'"),
        ("set-password zhang --now", "不认识 --now"),
        ("add-user zhang --name", "--name 后面要写一个值"),
    ],
)
def test_bad_usage_is_explained_in_chinese(
    line: str, said: str, run_command: RunCommand, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run_command(line)
    assert said in capsys.readouterr().err


def test_the_help_is_in_chinese(run_command: RunCommand, capsys: pytest.CaptureFixture[str]) -> None:
    for line in ("-h", "add-user -h", "audit export -h"):
        with pytest.raises(SystemExit, match="0"):
            run_command(line)
        assert not re.search("usage|option|show|argument|position", capsys.readouterr().out)


async def test_a_mistyped_colleague_is_an_error_though_there_is_nothing_to_take(
    run_command: RunCommand, office: Office
) -> None:
    an = await office.hire("an")
    done = await asyncio.to_thread(run_command, "deactivate an --work-to nobody")
    assert done == (1, "", "没有这个账号：nobody\n")
    assert (await office.accounts.get_staff(an.id)).is_active


async def test_a_lost_second_factor_is_reset(
    run_command: RunCommand, accounts: Accounts, database: Database, clock: FixedClock
) -> None:
    staff = await accounts.add_staff("zhang", "张敏", "admin", PASSWORD)
    await enrol(SecondFactors(database, VAULT, clock), staff, clock)
    done = await asyncio.to_thread(run_command, "reset-second-factor zhang")
    assert done == (0, "zhang: 二次验证已重设，本人下次登录后再设\n", "")
    assert await accounts.sign_in("zhang", PASSWORD)
    again = await asyncio.to_thread(run_command, "reset-second-factor zhang")
    assert again == (1, "", "张敏（zhang）没有启用二次验证\n")


async def test_rights_are_changed_by_the_operator(run_command: RunCommand, office: Office) -> None:
    an, bo = await office.hire("an"), await office.hire("bo")
    talk = await office.ask()
    await office.talks.take(an, talk.id)
    for line in ("deactivate an", "change-role an editor"):
        refused = await asyncio.to_thread(run_command, line)
        assert refused == (1, "", "安宁还有进行中的会话1个，请加上 --work-to 账号 或 --work-to queue\n")
    await office.accounts.mark_seen(bo.id)
    assert await asyncio.to_thread(run_command, "change-role an editor --work-to queue") == (0, "an: 知识编辑\n", "")
    assert (await office.handoffs.get(talk.id)).state == "queued"
    assert await asyncio.to_thread(run_command, "deactivate an") == (0, "an: 知识编辑，已停用\n", "")
    assert await asyncio.to_thread(run_command, "activate an") == (0, "an: 知识编辑\n", "")
    await office.talks.take(bo, talk.id)
    assert await asyncio.to_thread(run_command, "deactivate bo --work-to an") == (
        1,
        "",
        "安宁不能接手进行中的会话，请换一位同事\n",
    )


async def test_audit_records_are_checked_and_exported(
    run_command: RunCommand, accounts: Accounts, database: Database
) -> None:
    for login in ("zhang", "li"):
        await accounts.add_staff(login, "张敏", "agent", PASSWORD)
    code, out, err = await asyncio.to_thread(run_command, "audit verify")
    assert (code, err) == (0, "")
    assert out.startswith("2条审计记录完好，末条哈希 ")
    _, lines, _ = await asyncio.to_thread(run_command, "audit export --after 1")
    assert [json.loads(line)["subject"] for line in lines.splitlines()] == ["li"]
    assert json.loads(lines)["hash"] == out.split()[-1]
    _, lines, _ = await asyncio.to_thread(run_command, "audit export --format syslog")
    assert lines.startswith("<110>1 ")
    async with database.transaction() as session:
        await session.execute(text("DROP TRIGGER audit_records_no_update"))
        await session.execute(text("UPDATE audit_records SET subject = 'wang' WHERE id = 2"))
    code, out, err = await asyncio.to_thread(run_command, "audit verify")
    assert (code, out) == (1, "")
    assert "从编号2起" in err
