"""Links in an answer: an editor writes [title](https://…), customers read “title”（ https://… ）. Pure."""

import re
from collections.abc import Collection, Iterator

from products.variables import Language, fill_variables

LINKS_MAX = 3
TITLE_MAX = 24
EXAMPLE = "[办卡指南](https://www.bank.example/card)"

_LINK = re.compile(r"\[([^\[\]\n]+)\]\(([^\s()]+)\)")
# What customers' apps make a link of by themselves, whoever meant it: not only what begins with https.
ADDRESS = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://|www\.)[^\s<>\"'，。；：！？、（）【】《》“”()\[\]]*"
    r"|(?<![@\w.-])(?:[A-Za-z0-9-]+\.)+(?:com|cn|net|org|cc|top|vip|xyz|info|io|me|app)(?![A-Za-z0-9-])",
    re.IGNORECASE | re.ASCII,
)
# Without user, port and backslash, of which programs think differently where the host begins.
_SAFE = re.compile(r"https://([a-z0-9.-]+)(?:[/?#][A-Za-z0-9/?#:@!$&*+,;=%._~-]*)?", re.IGNORECASE)
# The spaces end the address for every app that looks for one.
_WRITTEN = {"zh": r"“\1”（ \2 ）", "en": r"“\1” ( \2 )"}
_TITLED = re.compile(r"“([^“”\n]+)”(?:（ | \( )(https://[^\s]+)(?: ）| \))")


def write_answer(text: str, language: Language = "zh") -> str:
    """An answer as customers read it now: with the figures in force, and saying its addresses by itself."""
    return _LINK.sub(_WRITTEN[language], fill_variables(text, language))


def measure(text: str) -> int:
    """How long a text is without its addresses."""
    return len(_LINK.sub(r"\1", text))


def split_links(text: str) -> Iterator[tuple[str, str | None]]:
    """A text that customers read in pieces, each with the address to which it leads, if any."""
    start = 0
    for found in _TITLED.finditer(text):
        yield text[start : found.start()], None
        yield found[1], found[2]
        start = found.end()
    yield text[start:], None


def find_link_problem(text: str, hosts: Collection[str]) -> str | None:
    """What is wrong with the links of an answer, in words for its editor: they lead to these hosts, and over https."""
    addresses = [found[0] for found in ADDRESS.finditer(text)]
    if len(addresses) > LINKS_MAX:
        return f"最多{LINKS_MAX}个链接"
    if "](" in _LINK.sub("", text):
        return f"链接要写成{EXAMPLE}"
    links = _LINK.findall(text)
    if any(len(title) > TITLE_MAX or ADDRESS.search(title) for title, _ in links):
        return f"链接的名字最多{TITLE_MAX}字，不能是网址"
    safe = [_SAFE.fullmatch(address.rstrip(".,;:!?")) for address in addresses]
    if not all(safe) or not all(_SAFE.fullmatch(address) for _, address in links):
        return f"网址要以https://开头，只有字母、数字和常见符号，例如{EXAMPLE}"
    if any(found and found[1].lower() not in hosts for found in safe):
        return (
            f"链接只能指向{'、'.join(sorted(hosts))}"
            if hosts
            else "还没有可以指向的网站，请管理员设置XIAOHE_LINK_HOSTS"
        )
    return None
