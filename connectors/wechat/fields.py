"""Reads the texts of a WeChat XML document.

Not wechatpy's parser: it hides fields it does not know (a tapped menu's `bizmsgmenuid`), accepts a DOCTYPE and
raises any kind of exception.
"""

from xml.parsers import expat

from kit.errors import RequestError


class ParseError(RequestError):
    """The call is not one of WeChat's; the error's text repeats nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(400, "invalid_message", reason)


def read_fields(xml: bytes) -> dict[str, str]:
    """The texts of the elements directly under the root, by tag; deeper ones are ignored. Raises ParseError."""
    fields: dict[str, str] = {}
    path: list[str] = []

    def open_element(tag: str, attributes: dict[str, str]) -> None:
        path.append(tag)
        if len(path) == 2:
            if tag in fields:
                raise ParseError("an element is given twice")
            fields[tag] = ""

    def close_element(tag: str) -> None:
        path.pop()

    def add_text(text: str) -> None:
        if len(path) == 2:
            fields[path[1]] += text

    def refuse_doctype(*arguments: object) -> None:
        raise ParseError("a DOCTYPE is not taken")

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    parser.CharacterDataHandler = add_text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise ParseError("the body is no XML") from None
    return fields
