"""What pydantic finds wrong with a value, in Chinese."""

from collections.abc import Mapping
from typing import Any

_REASONS: Mapping[str, str] = {
    "missing": "没有填",
    "string_too_short": "太短，至少{min_length}字",
    "string_too_long": "太长，最多{max_length}字",
    "too_short": "至少填{min_length}项",
    "too_long": "最多填{max_length}项",
    "greater_than": "要大于{gt}",
    "greater_than_equal": "不能小于{ge}",
    "less_than": "要小于{lt}",
    "less_than_equal": "不能大于{le}",
    "decimal_max_places": "最多{decimal_places}位小数",
    "decimal_max_digits": "位数太多",
    "string_pattern_mismatch": "格式不对",
}


def explain(error: Mapping[str, Any]) -> str:
    """The reason of one of `ValidationError.errors()`: with the value, unless that is long.

    What a validator of ours raised as ValueError is said as it is.
    """
    context = error.get("ctx") or {}
    if error["type"] == "value_error":
        return str(context.get("error", "")) or "不对"
    reason = _REASONS.get(error["type"], "不对").format_map(context)
    shown = error.get("input")
    return f"“{shown}”{reason}" if isinstance(shown, int | float | str) and len(str(shown)) <= 20 else reason
