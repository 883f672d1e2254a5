"""What a number with misread characters may have been: few candidates, or none."""

from collections.abc import Mapping
from itertools import product

# Candidates checked for one picture. A paper has one number: more come only of what was made to keep us busy, and with
# each that is tried, one that happens to have the right check digit becomes more likely.
TRIES_MAX = 60


def list_repairs(text: str, options: Mapping[int, str], doubtful_max: int) -> list[str]:
    """The texts with one of its options at each doubtful place; none if more than `doubtful_max` places are."""
    if len(options) > doubtful_max:
        return []
    repaired = []
    for chosen in product(*options.values()):
        characters = list(text)
        for place, character in zip(options, chosen, strict=True):
            characters[place] = character
        repaired.append("".join(characters))
    return repaired
