"""The Official Account's menu: menu.yml, checked against WeChat's limits, by key and as WeChat's API takes it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MENU_FILE = Path(__file__).parent / "menu.yml"


def _limit_bytes(bytes_max: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not 0 < len(text.encode()) <= bytes_max:
            raise ValueError(f"1 to {bytes_max} bytes are allowed")
        return text

    return check


class Entry(BaseModel):
    """A line of the menu: it sends its key, which stands for a payload, or opens a page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_limit_bytes(60))]
    key: Annotated[str, AfterValidator(_limit_bytes(128))] | None = None
    payload: Annotated[str, Field(pattern=r"^/[a-z_]+$")] | None = None
    url: Annotated[str, Field(pattern=r"^https?://"), AfterValidator(_limit_bytes(1024))] | None = None

    @model_validator(mode="after")
    def require_one_deed(self) -> Self:
        """Either key and payload, or url."""
        if (self.key is None) != (self.payload is None) or (self.key is None) == (self.url is None):
            raise ValueError("give either key and payload, or url")
        return self

    def to_platform(self) -> dict[str, Any]:
        """The button as WeChat's API takes it."""
        kind = "view" if self.url else "click"
        return {"type": kind} | self.model_dump(include={"name", "key", "url"}, exclude_none=True)


class Column(BaseModel):
    """A button that opens a list of entries."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_limit_bytes(16))]
    entries: Annotated[list[Entry], Field(min_length=1, max_length=5)]

    def to_platform(self) -> dict[str, Any]:
        """As Entry.to_platform."""
        return {"name": self.name, "sub_button": [entry.to_platform() for entry in self.entries]}


class ColumnEntry(Entry):
    """A button that is an entry itself."""

    name: Annotated[str, AfterValidator(_limit_bytes(16))]


class Menu(BaseModel):
    """The whole menu."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Annotated[list[Column | ColumnEntry], Field(min_length=1, max_length=3)]

    @model_validator(mode="after")
    def require_distinct_keys(self) -> Self:
        """One key, one payload."""
        keys = [entry.key for entry in self._list_entries() if entry.key]
        if len(keys) != len(set(keys)):
            raise ValueError("a key stands twice in the menu")
        return self

    def index_entries(self) -> dict[str, Entry]:
        """The entries that send something, by their key."""
        return {entry.key: entry for entry in self._list_entries() if entry.key}

    def to_platform(self) -> dict[str, Any]:
        """The body of WeChat's menu/create."""
        return {"button": [column.to_platform() for column in self.columns]}

    def _list_entries(self) -> list[Entry]:
        return [e for c in self.columns for e in (c.entries if isinstance(c, Column) else [c])]


def load_menu(path: Path = MENU_FILE) -> Menu:
    """Reads the menu; raises pydantic.ValidationError naming what is wrong."""
    return Menu.model_validate(yaml.safe_load(path.read_text("utf-8")))
