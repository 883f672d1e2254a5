"""`python -m bench.scale`: the search over 10,000 entries with ten similar questions each, and their publication."""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert
from threadpoolctl import threadpool_limits

from kit.clock import CHINA, read_clock
from kit.database import Database
from kit.settings import ROOT
from knowledge.encoder import Encoder, load_encoder
from knowledge.index import Entries, Index
from knowledge.lessons import read_lessons
from knowledge.schemas import EntryText
from knowledge.seeding import FOLDER, read_seed
from knowledge.service import Knowledge
from knowledge.settings import KnowledgeSettings
from migrations.metadata import METADATA
from revisions.tables import Revision

Vectors = dict[str, NDArray[np.float32]]

EACH = 10
NEAREST = 100
# What makes one entry many: an entry's texts for somebody, and how they name that.
WHO = """
企业 老人 学生 外地人 种粮户 养殖户 茶农 渔户 果农 药店 饭馆 车主 合作社 村医 教师 军人 残疾人 低保户 电商 运输户 建材店
服装店 烟酒店 民宿 木匠 菜贩 裁缝 护工 保安 司机
"""
SHAPES = ("{who}的话，{text}", "我是{who}，{text}", "{who}问一下{text}", "{text}，{who}", "做{who}的，{text}")
NOISE = 0.35


class DrawnEncoder:
    """Gives the drawn vectors; encodes what else is asked."""

    def __init__(self, encoder: Encoder, vectors: Vectors) -> None:
        self._encoder = encoder
        self._vectors = vectors
        self.dimension = encoder.dimension
        self.fingerprint = f"{encoder.fingerprint}-drawn"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (n, dimension)."""
        missing = [text for text in texts if text not in self._vectors]
        if missing:
            self._vectors |= dict(zip(missing, self._encoder.encode(missing), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def main() -> None:
    """Prints one JSON object, and writes var/bench-scale.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000)
    options = parser.parse_args()
    threadpool_limits(1)  # as the service has it
    encoder = load_encoder(KnowledgeSettings().encoder)
    entries, vectors = draw_entries(options.entries, encoder)
    foreign = read_lessons().foreign
    vectors |= dict(zip(foreign, encoder.encode(foreign), strict=True))
    report = {
        "entries": len(entries),
        "texts": sum(map(len, entries.values())),
        **measure_index(entries, vectors, encoder),
    }
    report |= asyncio.run(measure_service(entries, DrawnEncoder(encoder, vectors)))
    report["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    text = json.dumps(report, ensure_ascii=False)
    target = ROOT / "var" / "bench-scale.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(text)


def draw_entries(count: int, encoder: Encoder) -> tuple[Entries, Vectors]:
    """Entries made of the seed's, and vectors near to those of the texts that theirs are made of."""
    chance = np.random.default_rng(5)
    seed = [[entry.question, *entry.similar_questions] for _, entry in read_seed(FOLDER)]
    plain = list(dict.fromkeys(text for own in seed for text in own))
    known = dict(zip(plain, encoder.encode(plain), strict=True))
    names = WHO.split()
    named = dict(zip(names, encoder.encode(names), strict=True))
    entries: dict[str, list[str]] = {}
    vectors: Vectors = {}
    for number in range(count):
        own, who = seed[number % len(seed)], names[number // len(seed) % len(names)]
        more = "呀" * (number // len(seed) // len(names))
        made: dict[str, str] = {}
        while len(made) < EACH:
            base, shape = own[chance.integers(len(own))], SHAPES[chance.integers(len(SHAPES))]
            made[shape.format(who=who, text=base) + more] = base
        for text, base in made.items():
            vector = known[base] + NOISE * named[who] + 0.01 * chance.normal(size=len(known[base]))
            vectors[text] = (vector / np.linalg.norm(vector)).astype(np.float32)
        entries[f"entry-{number:05}"] = list(made)
    return entries, vectors


def measure_index(entries: Entries, vectors: Vectors, encoder: Encoder) -> dict[str, float]:
    """The index's own figures; the nearest texts are compared with those that all comparisons find."""
    asked = [entry.question for _, entry in read_seed(FOLDER)]
    questions = dict(zip(asked, encoder.encode(asked), strict=True))
    start = time.perf_counter()
    index = Index(entries, vectors, read_lessons().foreign)
    built = time.perf_counter() - start
    seconds, found, same = [], [], []
    for question, vector in questions.items():
        start = time.perf_counter()
        matches = index.search(question, vector)
        seconds.append(time.perf_counter() - start)
        picked = index.find_near(question, vector)
        index.preselects = False
        full = index.find_near(question, vector)
        same.append(index.search(question, vector)[0][0] == matches[0][0])
        index.preselects = True
        nearest = full.rows[np.argpartition(-full.likenesses, NEAREST)[:NEAREST]]
        found.append(np.isin(nearest, picked.rows).mean())
    return {
        "build_s": round(built, 2),
        "search_ms_p50": round(1000 * float(np.median(seconds)), 2),
        "search_ms_p95": round(1000 * float(np.percentile(seconds, 95)), 2),
        f"recall_at_{NEAREST}": round(float(np.mean(found)), 5),
        "same_first_hit": round(float(np.mean(same)), 4),
    }


async def measure_service(entries: Entries, encoder: Encoder) -> dict[str, float]:
    """How long a service takes to start with vectors at hand, and to put 300 and all entries in effect."""
    with tempfile.TemporaryDirectory(prefix="xiaohe-scale-") as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/scale.db")
        async with database.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        keys = list(entries)
        await _publish(database, entries, keys[:-300])
        kept = Path(folder)
        first = Knowledge(database, encoder, seed=kept, kept=kept)
        await first.open()  # keeps the vectors
        await first.close()
        start = time.perf_counter()
        service = Knowledge(database, encoder, seed=kept, kept=kept)
        await service.open()
        started = time.perf_counter() - start
        question = entries[keys[-1]][0]
        start = time.perf_counter()
        await _publish(database, entries, keys[-300:])
        await service.refresh()
        if (await service.search(question, 1)).matches[0].entry_id != keys[-1]:
            raise RuntimeError("what was published is not found")
        published = time.perf_counter() - start
        start = time.perf_counter()
        await _publish(database, entries, keys, number=2)
        await service.refresh()
        everything = time.perf_counter() - start
        if service.get_entry(keys[0]).revision != 2:
            raise RuntimeError("what was published is not in force")
        await service.close()
        await database.close()
    seconds = {"start_s": started, "publish_300_s": published, "publish_all_s": everything}
    return {name: round(taken, 2) for name, taken in seconds.items()}


async def _publish(database: Database, entries: Entries, keys: Sequence[str], number: int = 1) -> None:
    now = read_clock()
    decided = {"topic": "entry", "state": "approved", "version": 2, "writers": ["an"], "decided_by": "bo", "reason": ""}
    at = {"effective_from": now.astimezone(CHINA).date(), "written_at": now, "decided_at": now}
    rows = []
    for key in keys:
        question, *similar = entries[key]
        content = EntryText(
            category="loans", question=question, similar_questions=similar, answer=f"请到网点办理{number}。"
        )
        rows.append({"key": key, "number": number, "content": content.model_dump(mode="json"), **decided, **at})
    async with database.transaction() as session:
        await session.execute(insert(Revision), rows)


if __name__ == "__main__":
    main()
