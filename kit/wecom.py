"""WeCom (企业微信), whichever of the bank's applications calls it: its access tokens and the errors of all its calls.

全局错误码, developer.work.weixin.qq.com/document/path/90313.
"""

from collections.abc import Mapping
from typing import Any

from kit.errcodes import Meaning, Platform, wait_for_operator

_BAD_TOKEN = Meaning("token", "企业微信接口凭证失效，正在更换", 30)
_WRONG_SECRET = wait_for_operator("企业微信应用的Secret不对，请检查设置")


def make_corp_credentials(corp_id: str, secret: str) -> dict[str, Any]:
    """What an application asks for its access token with: the same token while it is good, whoever asks."""
    return {"corpid": corp_id, "corpsecret": secret}


def make_wecom_platform(name: str, errcodes: Mapping[int, Meaning]) -> Platform:
    """WeCom for one application: the errors of every call, and those of its own calls."""
    return Platform(
        name=name,
        auth_method="GET",
        auth_path="/cgi-bin/gettoken",
        wrong_secret=_WRONG_SECRET,
        errcodes={
            -1: Meaning("retry", "企业微信系统繁忙"),
            40001: _WRONG_SECRET,
            40013: wait_for_operator("企业微信的企业ID不对，请检查设置"),
            40014: _BAD_TOKEN,
            41001: _BAD_TOKEN,
            42001: _BAD_TOKEN,
            45009: Meaning("retry", "调用企业微信接口太频繁", 60),
            45033: Meaning("retry", "同时调用企业微信接口太多", 10),
            48002: wait_for_operator("企业微信应用没有发消息的权限，请到管理后台查看"),
            50003: wait_for_operator("企业微信应用已停用，请到管理后台启用"),
            60020: wait_for_operator("本机IP不在企业微信应用的可信IP里，请到管理后台添加"),
            **errcodes,
        },
    )
