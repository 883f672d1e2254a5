"""Reads the texts of an XML document of WeChat or WeCom.

Not wechatpy's parser: it hides fields it does not know (a tapped menu's `bizmsgmenuid`), accepts a DOCTYPE and
raises any kind of exception.
"""

from xml.etree import ElementTree

from kit.errors import RequestError


class ParseError(RequestError):
    """The call is not one of the platform's; the error's text repeats nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(400, "invalid_message", reason)


class _Builder(ElementTree.TreeBuilder):
    def doctype(self, *declaration: object) -> None:
        raise ParseError("a DOCTYPE is not taken")


def read_fields(xml: bytes) -> dict[str, str]:
    """The texts of the elements directly under the root, by tag; deeper ones are ignored. Raises ParseError."""
    parser = ElementTree.XMLParser(target=_Builder(), encoding="utf-8")  # noqa: S314 (takes no DOCTYPE)
    try:
        parser.feed(xml)
        root = parser.close()
    except ElementTree.ParseError:
        raise ParseError("the body is no XML") from None
    fields = {element.tag: element.text or "" for element in root}
    if len(fields) < len(root):
        raise ParseError("an element is given twice")
    return fields
