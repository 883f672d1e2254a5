"""Which licences the parts of 小禾 have, and which a bank cannot take."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

# Where a part's own words say nothing, or more than one thing: read in its project's licence file.
KNOWN = {
    "fastapi_offline/redoc.standalone.js": "MIT",
    "fastapi_offline/swagger-ui-bundle.js": "Apache-2.0",
    "nicegui/nicegui.js": "MIT",
    "nicegui/sass.dart.js": "MIT",
    "nicegui/sass.default.js": "MIT",
    "nicegui/tailwindcss.min.js": "MIT",
    "docutils": "BSD-2-Clause AND PSF-2.0",  # GPL is only its Emacs mode, which no wheel has
    "multidict": "Apache-2.0",
    "partd": "BSD-3-Clause",
    "protobuf": "BSD-3-Clause",
    "tarsafe": "MIT",
    "typing-utils": "Apache-2.0",
}
# Copyleft over a network or over what it is linked into, and licences that forbid uses.
REFUSED = re.compile(r"(?<![A-Z])A?GPL|Affero|(?<!Lesser )General Public|SSPL|BUSL|Commons-Clause|CC-BY-NC|Proprietary")
# As a library of its own, unchanged and replaceable, which they are here.
LESSER = re.compile(r"LGPL|Lesser")


def read_licence(head: str) -> str:
    """The licence that the first lines of a script name; empty without one."""
    found = re.search(r"(?i)\b(MIT|Apache|BSD)\b(?: License| 2\.0)?(?: and Mozilla)?", head)
    return {"mit": "MIT", "apache": "Apache-2.0", "bsd": "BSD-3-Clause"}[found[1].lower()] if found else ""


def tell_licence(component: dict[str, Any]) -> None:
    """Puts in the licence we know where the component's own is unclear."""
    if component["name"] in KNOWN:
        component["licenses"] = [{"expression": KNOWN[component["name"]]}]


def describe_licence(component: dict[str, Any]) -> str:
    """The component's licences in one line; empty without any."""
    told = [
        each.get("expression") or each["license"].get("id") or each["license"].get("name", "")
        for each in component.get("licenses", [])
    ]
    return " AND ".join(" ".join(text.split())[:120] for text in told if text)


def is_refused(licence: str) -> bool:
    """Whether a bank cannot take it: of alternatives it takes one that it can."""
    return all(REFUSED.search(alternative) for alternative in re.split(r"\bOR\b", licence))


def list_concerns(components: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A line for each part that is shipped and refused, or that somebody should have looked at."""
    for component in components:
        licence, name = describe_licence(component), f"{component['name']} {component.get('version', '')}".rstrip()
        if component.get("scope") == "excluded":
            continue
        if not licence:
            yield f"{name}: no licence named"
        elif is_refused(licence):
            yield f"{name}: refused, {licence}"
        elif LESSER.search(licence):
            yield f"{name}: {licence}, used unchanged as a library"
