"""`make nlu-report`: how well the model understands the held-out sentences, by intent, topic and probability."""

from collections.abc import Iterable, Sequence

import httpx

from dev.environment import load_environment
from dev.nlu_examples import HELD_OUT, Example, read_examples
from dev.nlu_measures import (
    BINS,
    Guess,
    bin_probabilities,
    find_threshold,
    group_by_topic,
    measure_accuracy,
    measure_calibration_error,
    score_intents,
)
from dev.stack import Stack

# What acts on a guess, and the shares of right guesses for which a threshold is told.
ACTING = (
    "apply_for_loan",
    "check_quota",
    "calculate_repayment",
    "check_application_status",
    "request_human",
    "request_account_manager",
    "complain",
    "cancel",
)
SHARES = (0.5, 0.8, 0.95)


def main() -> None:
    """Asks the running server if there is one, else one that is started with the newest model."""
    examples = read_examples(HELD_OUT)
    environment = load_environment()
    url, token = environment["XIAOHE_RASA_URL"], environment["XIAOHE_RASA_TOKEN"]
    if _answers(url, token):
        guesses = guess_intents(url, token, examples)
    else:
        with Stack(names=("knowledge", "rasa")) as stack:
            guesses = guess_intents(stack.urls["rasa"], stack.environment["XIAOHE_RASA_TOKEN"], examples)
    print("\n".join(describe(guesses)))


def guess_intents(url: str, token: str, examples: Iterable[Example]) -> list[Guess]:
    """What the Rasa server at this URL makes of each example, by POST /model/parse."""
    with httpx.Client(base_url=url, params={"token": token}, timeout=10, trust_env=False) as client:
        return [Guess(e.text, e.topic, e.intent, _parse(client, e.text)) for e in examples]


def describe(guesses: Sequence[Guess]) -> list[str]:
    """The report's lines."""
    return [
        f"{'intent':<26}{'precision':>9}{'recall':>8}{'support':>9}  taken for",
        *(
            f"{intent:<26}{score.precision:>9.2f}{score.recall:>8.2f}{score.support:>9}  "
            + ", ".join(f"{other} {count}" for other, count in score.confusions[:3])
            for intent, score in score_intents(guesses).items()
        ),
        "",
        f"{'topic':<26}{'accuracy':>9}{'support':>17}",
        *(
            f"{topic:<26}{measure_accuracy(own):>9.3f}{len(own):>17}"
            for topic, own in [*group_by_topic(guesses).items(), ("all", guesses)]
        ),
        "",
        f"{'probability':<26}{'right':>9}{'mean':>8}{'support':>9}",
        *(
            f"{f'{number / BINS:.1f} to {(number + 1) / BINS:.1f}':<26}{b.right:>9.2f}{b.probability:>8.2f}{b.size:>9}"
            for number, b in bin_probabilities(guesses).items()
        ),
        f"{'calibration error (ECE)':<26}{measure_calibration_error(guesses):>9.3f}",
        "",
        f"{'right from probability':<26}" + "".join(f"{f'{share:.0%} of':>9}" for share in SHARES),
        *(
            f"{intent:<26}" + "".join(f"{_show(find_threshold(guesses, intent, share)):>9}" for share in SHARES)
            for intent in ACTING
        ),
    ]


def _answers(url: str, token: str) -> bool:
    try:
        with httpx.Client(base_url=url, params={"token": token}, timeout=2, trust_env=False) as client:
            return bool(_parse(client, "你好"))
    except httpx.HTTPError:
        return False


def _parse(client: httpx.Client, text: str) -> dict[str, float]:
    parsed = client.post("/model/parse", json={"text": text}).raise_for_status().json()
    return {g["name"]: g["confidence"] for g in parsed["intent_ranking"]}


def _show(threshold: float | None) -> str:
    return "never" if threshold is None else f"{threshold:.2f}"


if __name__ == "__main__":
    main()
