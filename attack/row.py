"""What one attack did: how many tries, and which of them failed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

SHOWN_MAX = 200  # characters of a failing input in the table; the file has all of it
GIVEN_MAX = 4000


@dataclass
class Row:
    """One line of the table. It goes on until `goal` tries were made or `seconds` have passed."""

    attack: str
    goal: int
    seconds: float
    tries: int = 0
    failures: list[dict[str, Any]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    took: float = 0.0

    def next_try(self) -> bool:
        """Counts one more try; false once there were enough, or the time is over."""
        self.took = time.monotonic() - self.began
        if self.tries >= self.goal or self.took > self.seconds:
            return False
        self.tries += 1
        return True

    def fail(self, given: object, what: str) -> None:
        """Notes a try that failed: what was given, and what happened."""
        self.took = time.monotonic() - self.began
        text = given if isinstance(given, str) else repr(given)
        self.failures.append({"attack": self.attack, "what": what, "given": ascii(text[:GIVEN_MAX]), "of": len(text)})

    def check(self, is_right: bool, given: object, what: str) -> None:
        """Notes a failure unless all is right."""
        if not is_right:
            self.fail(given, what)


def write_table(rows: Sequence[Row], examples: int = 3) -> str:
    """The table, and the first failures of each row."""
    lines = [f"{'attack':<44}{'tries':>9}{'of':>9}{'failures':>10}{'seconds':>9}", "-" * 81]
    for row in rows:
        lines.append(f"{row.attack:<44}{row.tries:>9,}{row.goal:>9,}{len(row.failures):>10,}{row.took:>9.1f}")
    for failure in (failure for row in rows for failure in row.failures[:examples]):
        lines.append(f"\n{failure['attack']}: {failure['what']}\n    {failure['given'][:SHOWN_MAX]}")
    return "\n".join(lines)


def add_up(rows: Sequence[Row]) -> list[Row]:
    """The rows of several rounds, one for each attack."""
    sums: dict[str, Row] = {}
    for row in rows:
        known = sums.setdefault(row.attack, Row(row.attack, 0, 0.0))
        known.goal += row.goal
        known.tries += row.tries
        known.took += row.took
        known.failures += row.failures
    return list(sums.values())
