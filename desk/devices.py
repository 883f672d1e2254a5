"""Names the browser and system of a session in a few words, so that its owner knows it again."""

import re

_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓手机"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows电脑"),
    ("Mac OS X", "苹果电脑"),
    ("Linux", "Linux电脑"),
)
# What claims to be another one too stands first.
_BROWSERS = (
    ("wxwork", "企业微信"),
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def describe_device(user_agent: str) -> str:
    """苹果手机 Safari; "" if nothing in the User-Agent is known."""
    found = (
        next((name for word, name in words if re.search(rf"\b{word}", user_agent)), "")
        for words in (_SYSTEMS, _BROWSERS)
    )
    return " ".join(name for name in found if name)
