"""Check of the paraphrases: none twice or elsewhere, none nearly like another, none like one held out, no templates.

`python -m knowledge.adapter.check` prints what is wrong.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from knowledge.adapter.texts import HELD_OUT, PARAPHRASES, Groups, read_entry_texts, read_groups, read_intent_texts
from knowledge.character_pairs import simplify

# Share of common character pairs (Jaccard) above which two texts count as one with a particle swapped.
ALIKE = 0.72
# Shorter texts are alike by chance.
SHORT = 4
# A template shows in the first or last five characters of many texts.
EDGE = 5
EDGE_TEXT_MIN = 9
EDGE_SHARE, EDGE_COUNT = 0.012, 8


def main() -> int:
    """Prints every problem; returns 1 if there is one."""
    problems = find_problems(PARAPHRASES, HELD_OUT)
    print("\n".join(problems) or "no problems")
    return 1 if problems else 0


def find_problems(paraphrases: Path, held_out: Path) -> list[str]:
    """One line for each problem in the files of two folders.

    A paraphrase must not be among the entries' questions already, a text held out nowhere else.
    """
    known = {simplify(text): "the entries" for texts in read_entry_texts().values() for text in texts}
    taught = {simplify(text): "the intents" for texts in read_intent_texts().values() for text in texts}
    trained_on: list[str] = []
    problems: list[str] = []
    for path in [*sorted(paraphrases.glob("*.yml")), *sorted(held_out.glob("*.yml"))]:
        groups, is_held_out = read_groups(path), path.parent == held_out
        name = f"{path.parent.name}/{path.name}"
        problems += [f"{name}: {problem}" for problem in find_repeats(groups, taught | known if is_held_out else known)]
        problems += [f"{name}: {problem}" for problem in find_alike(groups, trained_on if is_held_out else ())]
        problems += [f"{name}: {problem}" for problem in find_templates(groups)]
        texts = [text for own in groups.values() for text in own]
        known |= {simplify(text): name for text in texts}
        trained_on += texts
    return problems


def find_repeats(groups: Groups, known: Mapping[str, str]) -> Iterator[str]:
    """Texts that are in a file twice, or in `known` (simplified text: where it stands)."""
    own: dict[str, str] = {}
    for group, texts in groups.items():
        for text in texts:
            plain = simplify(text)
            place = own.get(plain) or known.get(plain)
            if place:
                yield f"{group}: {text!r} is already in {place}"
            own[plain] = group


def find_alike(groups: Groups, others: Sequence[str] = ()) -> Iterator[str]:
    """Texts with nearly the same character pairs as one before them or one of `others`."""
    rows = [(text, list_pairs(text)) for text in others]
    texts_with: dict[str, list[int]] = defaultdict(list)
    for row, (_, pairs) in enumerate(rows):
        for pair in pairs:
            texts_with[pair].append(row)
    for group, texts in groups.items():
        for text in texts:
            pairs = list_pairs(text)
            shared = Counter(row for pair in pairs for row in texts_with[pair])
            near = [row for row, count in shared.items() if count / len(pairs | rows[row][1]) > ALIKE]
            if near and len(simplify(text)) > SHORT:
                yield f"{group}: {text!r} is nearly {rows[near[0]][0]!r}"
            for pair in pairs:
                texts_with[pair].append(len(rows))
            rows.append((text, pairs))


def find_templates(groups: Groups) -> Iterator[str]:
    """Beginnings and endings that too many of the longer texts share."""
    plain = [simplify(text) for texts in groups.values() for text in texts]
    longer = [text for text in plain if len(text) >= EDGE_TEXT_MIN]
    limit = max(EDGE_COUNT, len(plain) * EDGE_SHARE)
    for kind, edges in (("begin", [t[:EDGE] for t in longer]), ("end", [t[-EDGE:] for t in longer])):
        for edge, count in Counter(edges).items():
            if count > limit:
                yield f"{count} texts {kind} with {edge!r}"


def list_pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text; of a single character, that."""
    plain = simplify(text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset([plain])


if __name__ == "__main__":
    sys.exit(main())
