"""Which licences are refused, which are only told."""

from typing import Any

import pytest

from dev.licences import is_refused, list_concerns, read_licence, tell_licence


def make_component(name: str, *licences: str, scope: str = "required") -> dict[str, Any]:
    return {
        "name": name,
        "version": "1",
        "scope": scope,
        "licenses": [{"license": {"name": each}} for each in licences],
    }


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-or-later",
        "AGPL-3.0-only",
        "License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "License :: OSI Approved :: GNU Affero General Public License v3",
        "MIT AND GPL-2.0-only",
        "SSPL-1.0",
        "BUSL-1.1",
        "CC-BY-NC-4.0",
        "AGPL-3.0-only OR SSPL-1.0",
    ],
)
def test_what_a_bank_cannot_take_is_refused(licence: str) -> None:
    assert is_refused(licence)
    assert list(list_concerns([make_component("x", licence)])) == [f"x 1: refused, {licence}"]


@pytest.mark.parametrize(
    "licence", ["MIT", "Apache-2.0", "MPL-2.0 AND MIT", "MIT OR GPL-3.0-or-later", "(CC-BY-4.0 AND MIT)", "PSF-2.0"]
)
def test_others_pass_without_a_word(licence: str) -> None:
    assert list(list_concerns([make_component("x", licence)])) == []


@pytest.mark.parametrize("licence", ["LGPL-3.0-only", "GNU Library or Lesser General Public License (LGPL)"])
def test_lesser_ones_are_told(licence: str) -> None:
    assert list(list_concerns([make_component("x", licence)])) == [f"x 1: {licence}, used unchanged as a library"]


def test_one_without_a_licence_is_told() -> None:
    assert list(list_concerns([make_component("x")])) == ["x 1: no licence named"]


def test_tools_of_ours_may_have_any() -> None:
    assert list(list_concerns([make_component("x", "GPL-3.0-only", scope="excluded")])) == []


def test_where_we_know_better_that_counts() -> None:
    component = make_component("docutils", "BSD", "GNU General Public License (GPL)")
    tell_licence(component)
    assert list(list_concerns([component])) == []


@pytest.mark.parametrize(
    ("head", "licence"),
    [("/** vue v3.5.22 @license MIT **/", "MIT"), ("Released under the Apache license 2.0", "Apache-2.0"), ("x=1", "")],
)
def test_a_script_names_its_licence(head: str, licence: str) -> None:
    assert read_licence(head) == licence
