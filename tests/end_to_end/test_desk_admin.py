"""The first steps of a bank: two admins let somebody in, who chooses a password and is refused what is not theirs."""

import re

import pytest
from playwright.sync_api import Browser, expect

from dev.stack import Stack
from tests.end_to_end.conftest import OpenDesk
from tests.end_to_end.staff import PASSWORD, PHONE

pytestmark = pytest.mark.exhaustive


def test_two_admins_let_an_agent_in(open_desk: OpenDesk, browser: Browser, staffed: Stack) -> None:
    admin = open_desk("wuhao")
    expect(admin).to_have_url(re.compile("/staff"))
    admin.get_by_role("button", name="添加人员").click()
    admin.get_by_label("账号（小写字母、数字）").fill("qianduo")
    admin.get_by_label("姓名").fill("钱多")
    admin.get_by_role("button", name="提出", exact=True).click()
    waiting = admin.get_by_role("article").filter(has_text="添加钱多")
    expect(waiting.get_by_role("button", name="撤回")).to_be_visible()
    expect(waiting.get_by_role("button", name="确认")).to_have_count(0)

    second = open_desk("guofang")
    second.get_by_role("article").filter(has_text="添加钱多").get_by_role("button", name="确认").click()
    second.get_by_role("dialog").get_by_role("button", name="确认变更").click()
    first_password = second.get_by_role("textbox", name="密码").input_value()
    second.get_by_role("button", name="已记下").click()
    expect(second.get_by_text("添加钱多")).to_have_count(0)

    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{staffed.urls['desk']}/talks/nobody")
    for password, problem in (("not-my-password", "账号或密码不对"), (first_password, "请先设一个自己的密码")):
        page.get_by_label("账号").fill("qianduo")
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_text(problem)).to_be_visible()
    page.get_by_label("原密码").fill(first_password)
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次新密码").fill(PASSWORD)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("region", name="等待人工")).to_be_visible()
    page.goto(f"{staffed.urls['desk']}/dashboard")
    expect(page.get_by_text("您的角色不能查看这个页面")).to_be_visible()

    # Out at once, wherever they are.
    page.goto(staffed.urls["desk"])
    admin.reload()
    admin.get_by_label("查找").fill("qianduo")
    turn_off = admin.get_by_role("button", name="停用")
    expect(turn_off).to_have_count(1)
    turn_off.click()
    admin.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    context.close()
