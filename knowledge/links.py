"""Links and the picture in an answer: pure.

An editor writes [title](https://…) and ![what it shows](name.jpg); customers read “title”（ https://… ）.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from products.variables import Language, fill_variables

LINKS_MAX = 3
TITLE_MAX = 24
PICTURES_MAX = 1
SHOWN_MAX = 60
PICTURES_PATH = "/pictures/"
EXAMPLE = "[办卡指南](https://www.bank.example/card)"

_NAME = r"[0-9a-f]{32}\.jpg"
_PICTURE = re.compile(rf"!\[([^\[\]\n]+)\]\(({_NAME})\)")
_LINK = re.compile(r"\[([^\[\]\n]+)\]\(([^\s()]+)\)")
# What customers' apps make a link of by themselves, whoever meant it: not only what begins with https.
ADDRESS = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://|www\.)[^\s<>\"'，。；：！？、（）【】《》“”()\[\]]*"
    r"|(?<![@\w.-])(?:(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]{2,}\.(?-i:[a-z]{2,}|[A-Z]{2,})"
    r"|(?:[A-Za-z0-9-]+\.)+(?:com|cn|net|org|cc|me|co))(?![A-Za-z0-9-])",
    re.IGNORECASE | re.ASCII,
)
# Without user, port and backslash, of which programs think differently where the host begins.
_SAFE = re.compile(r"https://([a-z0-9.-]+)(?:[/?#][A-Za-z0-9/?#:@!$&*+,;=%._~-]*)?", re.IGNORECASE | re.ASCII)
# The spaces end the address for every app that looks for one.
_WRITTEN: Mapping[Language, str] = {"zh": "“{}”（ {} ）", "en": "“{}” ( {} )"}
_TITLED = re.compile(
    rf"“([^“”\n]+)”(?:（ | \( )((?:https?://[^\s/]+)?{PICTURES_PATH}{_NAME}|https://[^\s]+)(?: ）| \))"
)


def write_answer(text: str, language: Language = "zh", site: str = "") -> str:
    """An answer as customers read it now: with the figures in force, and saying its addresses by itself.

    `site` is where customers find the gateway, which has the pictures.
    """
    written = _WRITTEN[language].format
    shown = _PICTURE.sub(
        lambda found: written(found[1], f"{site}{PICTURES_PATH}{found[2]}"), fill_variables(text, language)
    )
    return _LINK.sub(lambda found: written(found[1], found[2]), shown)


def add_picture(text: str, shows: str, name: str) -> str:
    """An answer with this picture at its end, in place of another one."""
    return f"{_PICTURE.sub('', text).rstrip()}\n![{shows}]({name})".lstrip()


def list_pictures(text: str) -> list[str]:
    """The names of the pictures in an answer as it is written."""
    return [name for _, name in _PICTURE.findall(text)]


def measure(text: str) -> int:
    """How long a text is without its addresses."""
    return len(_LINK.sub(r"\1", _PICTURE.sub(r"\1", text)))


def split_links(text: str) -> Iterator[tuple[str, str | None]]:
    """A text that customers read in pieces, each with the address to which it leads, if any."""
    start = 0
    for found in _TITLED.finditer(text):
        yield text[start : found.start()], None
        yield found[1], found[2]
        start = found.end()
    yield text[start:], None


def find_picture_path(address: str) -> str | None:
    """The path at which the gateway and the staff site have the picture of an address, if it is one."""
    _, _, name = address.rpartition(PICTURES_PATH)
    return f"{PICTURES_PATH}{name}" if re.fullmatch(_NAME, name) else None


def find_link_problem(text: str, hosts: Collection[str]) -> str | None:
    """What is wrong with the links of an answer, in words for its editor: they lead to these hosts, and over https."""
    pictures = _PICTURE.findall(text)
    if len(pictures) > PICTURES_MAX:
        return f"一个答案最多{PICTURES_MAX}张图片"
    if any(not _is_title(shows, SHOWN_MAX) for shows, _ in pictures):
        return f"图片的说明最多{SHOWN_MAX}字，不能有引号和网址"
    text = _PICTURE.sub("", text)
    addresses = [found[0] for found in ADDRESS.finditer(text)]
    if len(addresses) > LINKS_MAX:
        return f"最多{LINKS_MAX}个链接"
    if "](" in _LINK.sub("", text):
        return f"链接要写成{EXAMPLE}"
    links = _LINK.findall(text)
    if any(not _is_title(title, TITLE_MAX) for title, _ in links):
        return f"链接的名字最多{TITLE_MAX}字，不能有引号和网址"
    safe = [_SAFE.fullmatch(address.rstrip(".,;:!?")) for address in addresses]
    safe += [_SAFE.fullmatch(address) for _, address in links]
    if not all(safe):
        return f"网址要以https://开头，只有字母、数字和常见符号，例如{EXAMPLE}"
    if any(found and found[1].lower() not in hosts for found in safe):
        return (
            f"链接只能指向{'、'.join(sorted(hosts))}"
            if hosts
            else "还没有可以指向的网站，请管理员设置XIAOHE_LINK_HOSTS"
        )
    return None


def _is_title(text: str, length_max: int) -> bool:
    return len(text) <= length_max and not re.search("[“”]", text) and not ADDRESS.search(text)
