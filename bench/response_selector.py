"""Ranks questions with Rasa's own ResponseSelector; runs in Rasa's environment: response_selector.py FOLDER.

`entries.json` in the folder gives each entry's texts by id, `queries.json` the questions. Writes `ranking.json`: the
ids found for each question with their confidence, best first, and the seconds it took.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

EPOCHS = 100
PIPELINE = [
    {"name": "JiebaTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "ResponseSelector", "epochs": EPOCHS, "retrieval_intent": "faq", "random_seed": 1},
]


def main(folder: Path) -> None:
    """Trains and ranks."""
    entries = json.loads((folder / "entries.json").read_text())
    examples = [
        {"intent": f"faq/{key}", "examples": "".join(f"- {text}\n" for text in texts)} for key, texts in entries.items()
    ]
    write(folder / "nlu.yml", {"version": "3.1", "nlu": examples})
    write(folder / "config.yml", {"recipe": "default.v1", "language": "zh", "pipeline": PIPELINE})
    responses = {f"utter_faq/{key}": [{"text": key}] for key in entries}
    write(folder / "domain.yml", {"version": "3.1", "intents": ["faq"], "responses": responses})
    model = train_nlu(
        str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder), domain=str(folder / "domain.yml")
    )
    agent = Agent.load(model)
    queries = json.loads((folder / "queries.json").read_text())
    started = time.perf_counter()
    ranked = asyncio.run(rank_all(agent, queries))
    answer = {"ranked": ranked, "seconds": time.perf_counter() - started}
    (folder / "ranking.json").write_text(json.dumps(answer))


async def rank_all(agent: Any, queries: list[str]) -> list[list[tuple[str, float]]]:
    """The ranking of each question."""
    ranked = []
    for query in queries:
        read = await agent.parse_message(query)
        # Rasa takes what begins with a slash for an intent, and selects nothing.
        found = read["response_selector"]["faq"]["ranking"] if "response_selector" in read else []
        ranked.append([(each["intent_response_key"].partition("/")[2], each["confidence"]) for each in found])
    return ranked


def write(path: Path, content: Any) -> None:
    """A YAML file."""
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
