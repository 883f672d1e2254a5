"""Checks that our parts of the Rasa server do what Rasa's own do; test_rasa_side.py runs them in Rasa's environment."""

import asyncio
import os
import re
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import rasa.server
import rasa.telemetry
from rasa.core.actions.action import RemoteAction
from rasa.core.channels import BUILTIN_CHANNELS
from rasa.core.run import configure_app, create_http_input_channels
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.exceptions import ModelNotFound
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic
from sanic.http import Http
from scipy.special import softmax
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.svm import LinearSVC

from bot.server.app import replace_app
from bot.server.classifier import LinearIntentClassifier
from bot.server.composer import ResponseComposer
from bot.server.featurizer import SentenceVectorFeaturizer
from bot.server.request_length import refuse_negative_lengths
from bot.server.runner import SequentialGraphRunner
from bot.server.shortcuts import take_shortcuts
from bot.server.telemetry import turn_off_telemetry
from bot.server.tracker_store import QuickTrackerStore
from bot.server.tuned_models import FILE, ModelStore
from bot.server.vectors import shared_source
from tests.end_to_end.rasa_routes import API, CHANNELS, MEASURING, OURS

SLOTS = {name: {"type": "text", "mappings": [{"type": "custom"}]} for name in ("product", "region")}
DOMAIN = Domain.from_dict({"slots": SLOTS, "intents": ["greet"]})


class Adder(GraphComponent):
    """Adds what it is given."""

    @classmethod
    def create(cls, config: Any, model_storage: Any, resource: Any, execution_context: Any) -> "Adder":
        return cls()

    def add(self, left: int, right: int) -> int:
        return left + right


def make_runner(kind: type[GraphRunner], **needs: dict[str, str]) -> GraphRunner:
    nodes = {name: SchemaNode(need, Adder, "create", "add", {}, eager=True) for name, need in needs.items()}
    schema = GraphSchema(nodes)
    return kind.create(schema, None, ExecutionContext(schema))


def check_graph() -> None:
    graph = {
        "sum": {"left": "double", "right": "more"},
        "double": {"left": "x", "right": "x"},
        "more": {"left": "double", "right": "y"},
        "unasked": {"left": "nothing", "right": "x"},
    }
    for targets in (["sum"], ["more", "double"], ["x", "sum"]):
        inputs = {"x": 3, "y": 10}
        outputs = [make_runner(kind, **graph).run(inputs, targets) for kind in (DaskGraphRunner, SequentialGraphRunner)]
        assert outputs[0] == outputs[1], outputs
    runner = make_runner(SequentialGraphRunner, **graph)
    assert [runner.run({"x": x, "y": 0}, ["sum"]) for x in (1, 2)] == [{"sum": 4}, {"sum": 8}]
    for inputs, error in (({"x": 1}, GraphRunError), ({"x": 1, "y": "a"}, Exception)):
        for kind in (DaskGraphRunner, SequentialGraphRunner):
            raised: list[Exception] = []
            try:
                make_runner(kind, **graph).run(inputs, ["sum"])
            except error as caught:
                raised.append(caught)
            assert raised, (kind, inputs)
            assert str(raised[0]).startswith(("Missing input to run node 'more'", "Error running graph component"))


def make_message(ngrams: CountVectorizer, text: str, vector: tuple[float, float], intent: str = "") -> Message:
    message = Message({"text": text, "intent": intent})
    for matrix in (ngrams.transform([text]).tocoo(), np.array([vector], np.float32)):
        message.add_features(Features(matrix, "sentence", "text", "test"))
    return message


def check_classifier() -> None:
    taught = [
        ("好", (0.1, 0.5), "affirm"),
        ("好的", (0.2, 0.4), "affirm"),
        ("不", (-0.3, 0.1), "deny"),
        ("不要", (0.0, -0.4), "deny"),
        ("跳过", (-0.1, 0.6), "skip"),
    ]
    asked = [("好不", (0.3, 0.0)), ("不不不", (0.0, 0.0)), ("?", (1.0, 0.0))]
    config = {"C": 2.0, "weight_without_vector": 0.4, "temperature": 0.5}
    ngrams = CountVectorizer(analyzer="char", ngram_range=(1, 2)).fit([text for text, *_ in taught])
    tfidf = TfidfTransformer(sublinear_tf=True).fit(ngrams.transform([text for text, *_ in taught]))

    def find_features(rows: list[Any], vectors: Any) -> Any:
        return np.hstack([tfidf.transform(ngrams.transform([row[0] for row in rows])).toarray(), vectors])

    features = [find_features(taught, [row[1] for row in taught]), find_features(taught, np.zeros((5, 2)))]
    svm = LinearSVC(C=2.0, random_state=0)
    svm.fit(np.vstack(features), [row[2] for row in taught] * 2, np.repeat([1.0, 0.4], 5))
    expected = softmax(svm.decision_function(find_features(asked, [row[1] for row in asked])) / 0.5, axis=1)

    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage.create(Path(folder))
        training_data = TrainingData([make_message(ngrams, *row) for row in taught])
        LinearIntentClassifier(config, storage, Resource("test")).train(training_data)
        loaded = LinearIntentClassifier.load(config, storage, Resource("test"), ExecutionContext(GraphSchema({})))
    for row, probabilities in zip(asked, expected, strict=True):
        [message] = loaded.process([make_message(ngrams, *row)])
        ranking = message.get("intent_ranking")
        guessed = {guess["name"]: guess["confidence"] for guess in ranking}
        assert np.allclose([guessed[name] for name in svm.classes_], probabilities, atol=1e-5), (guessed, probabilities)
        assert message.get("intent") == ranking[0] == max(ranking, key=lambda guess: guess["confidence"])


def check_encoders() -> None:
    # A vector of one encoder is never read by a model that was trained with another's.
    config = {**SentenceVectorFeaturizer.get_default_config(), "scale": 2.0}
    mine, other = "a" * 64, "b" * 64
    vectors = {"好": (1.0, 0.0), "不": (0.0, 1.0)}
    source = shared_source()
    for text, vector in vectors.items():
        source.remember(text, np.array(vector, "<f4").tobytes(), mine)
    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage.create(Path(folder))
        featurizer = SentenceVectorFeaturizer(config, storage, Resource("test"))
        featurizer.train(TrainingData([Message({"text": text, "intent": "greet"}) for text in vectors]))
        loaded = SentenceVectorFeaturizer.load(config, storage, Resource("test"), ExecutionContext(GraphSchema({})))

    def read(text: str) -> list[float]:
        [message] = loaded.process([Message({"text": text})])
        return message.features[0].features[0].tolist()

    assert np.allclose(read("好"), (2 / 2**0.5, -2 / 2**0.5))
    source.remember("行", np.array((1, 0), "<f4").tobytes(), other)
    assert (read("行"), source.find("行", mine)) == ([0, 0], None)
    source.remember("行", np.array((1, 0), "<f4").tobytes(), mine)
    assert np.allclose(read("行"), (2 / 2**0.5, -2 / 2**0.5))


async def check_tuned_models() -> None:
    usual, mine, broken = object(), "a" * 64, "b" * 64
    with tempfile.TemporaryDirectory() as folder:
        models = ModelStore(Path(folder))
        for name in (mine, broken):
            (Path(folder) / name).mkdir()
        for fingerprint in ("", mine, f"../{mine}", "e5@main"):
            assert await models.find(fingerprint, usual) is usual, fingerprint
        for name in (mine, broken):
            (Path(folder) / name / FILE).write_bytes(name.encode())
        loaded: list[str] = []

        def load(path: Path) -> str:
            loaded.append(path.parent.name)
            if path.parent.name == broken:
                raise ModelNotFound("no model")
            return f"model of {path.parent.name}"

        with patch("bot.server.tuned_models.Agent.load", load):
            assert await asyncio.gather(*(models.find(mine, usual) for _ in range(3))) == [f"model of {mine}"] * 3
            assert await models.find(broken, usual) is usual
            assert await models.find(broken, usual) is usual
            assert await models.find(mine, usual) == f"model of {mine}"
    assert loaded == [mine, broken]


def check_slots() -> None:
    one, other = (DialogueStateTracker("c", DOMAIN.slots) for _ in range(2))
    one.update(SlotSet("product", "农户贷"), DOMAIN)
    assert (one.get_slot("product"), other.get_slot("product")) == ("农户贷", None)
    assert all(slot.value is None for slot in DOMAIN.slots)
    assert not DOMAIN.is_empty()


def check_action_call() -> None:
    tracker = DialogueStateTracker.from_events("c", [UserUttered("你好", {"name": "greet"})], DOMAIN.slots)
    call = RemoteAction("action_x", SimpleNamespace(kwargs={}))._action_call_format(tracker, DOMAIN)
    assert (call["next_action"], call["sender_id"]) == ("action_x", "c")
    assert call["tracker"]["latest_message"]["text"] == "你好"
    assert call["tracker"]["slots"] == {**dict.fromkeys(SLOTS), **tracker.current_slot_values()}


async def check_tracker_store() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = (QuickTrackerStore(DOMAIN, dialect="sqlite", db=f"{folder}/t.db") for _ in range(2))
        tracker = await first.get_or_create_tracker("c", append_action_listen=False)
        begin = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
        tracker.update_with_events(begin, DOMAIN)
        await first.save(tracker)
        for number, store in enumerate((first, second, second, first)):
            tracker = await store.retrieve("c")
            tracker.update_with_events([UserUttered(str(number)), SlotSet("product", str(number))], DOMAIN)
            await store.save(tracker)
            await store.save(tracker)  # again, with nothing new
            for reader in (first, second, QuickTrackerStore(DOMAIN, dialect="sqlite", db=f"{folder}/t.db")):
                read = await reader.retrieve("c")
                said = [event.text for event in read.events if isinstance(event, UserUttered)]
                assert said == [str(n) for n in range(number + 1)], said
                assert read.get_slot("product") == str(number)
        tracker.update_with_events([SessionStarted(), UserUttered("new")], DOMAIN)
        await second.save(tracker)
        for store in (first, second):
            said = [event.text for event in (await store.retrieve("c")).events if isinstance(event, UserUttered)]
            assert said == ["new"], said
            assert len((await store.retrieve_full_tracker("c")).events) == 13
        with first.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM events")
        assert await first.retrieve("c") is None
        assert await second.retrieve("nobody") is None


def list_said(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def check_erased_dialogue() -> None:
    # One process has read a dialogue that is erased; another begins a new one, to which SQLite gives the same ids.
    for texts in (["new"], ["new"] * 4, ["new"] * 9):
        with tempfile.TemporaryDirectory() as folder:
            first, second = (QuickTrackerStore(DOMAIN, dialect="sqlite", db=f"{folder}/t.db") for _ in range(2))
            for store, said in ((first, ["old"] * 4), (second, texts)):
                tracker = await store.get_or_create_tracker("c", append_action_listen=False)
                tracker.update_with_events([SessionStarted(), *(UserUttered(text) for text in said)], DOMAIN)
                await store.save(tracker)
                assert list_said(await first.retrieve("c")) == said
                if said != texts:
                    with second.engine.begin() as connection:
                        connection.exec_driver_sql("DELETE FROM events")


async def check_forgetting() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = QuickTrackerStore(DOMAIN, dialect="sqlite", db=f"{folder}/t.db")
        for sender, times in {"idle": (1.0, 2.0), "active": (1.0, 9.0), "other": (9.0,)}.items():
            tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
            for at in times:
                tracker.update(SessionStarted(at), DOMAIN)
                tracker.update(UserUttered(f"at {at}", timestamp=at), DOMAIN)
            await store.save(tracker)
            assert list_said(await store.retrieve(sender)) == [f"at {times[-1]}"]
        assert store.forget_before(5.0) == 1
        assert await store.retrieve("idle") is None
        said = list_said(await store.retrieve_full_tracker("active"))
        assert said == ["at 9.0"], said  # what was said in sessions that are over is gone as well
        store.forget("active")
        assert await store.retrieve("active") is None
        assert list_said(await store.retrieve("other")) == ["at 9.0"]


async def check_late_rows() -> None:
    # PostgreSQL gives ids before it commits: rows may become visible after later ones.
    with tempfile.TemporaryDirectory() as folder:
        store = QuickTrackerStore(DOMAIN, dialect="sqlite", db=f"{folder}/t.db")
        rows = [
            store._make_row("c", event.as_dict()) for event in (SessionStarted(), UserUttered("1"), UserUttered("2"))
        ]
        for number in (0, 2, 1):
            with store.engine.begin() as connection:
                connection.execute(store.SQLEvent.__table__.insert(), {**rows[number], "id": number + 1})
            read = list_said(await store.retrieve("c"))
        assert read == ["1", "2"], read


async def check_english_responses() -> None:
    # Every wording that the domain can choose, in a dialogue of either language, and with a value put in.
    domain = Domain.load("domain.yml")
    composer = ResponseComposer(EndpointConfig(type="x"), domain)
    values = dict.fromkeys(re.findall(r"{(\w+)}", str(domain.responses)), "1")
    for name, wordings in domain.responses.items():
        for wording in wordings:
            hint = wording["condition"][0]["value"] if wording.get("condition") else None
            heard = []
            for act in ({}, {"language": "en"}):
                tracker = DialogueStateTracker.from_events("c", [], domain.slots)
                tracker.update(UserUttered("", parse_data={"text": "", "act": act}), domain)
                tracker.update(SlotSet("hint", hint), domain)
                heard.append(await composer.generate(name, tracker, "gateway", **values))
            chinese, english = heard
            payloads = [[b["payload"] for b in said.get("buttons", [])] for said in heard]
            assert payloads[0] == payloads[1], name
            assert chinese.get("custom") == english.get("custom"), name
            assert ("text" in chinese) == ("text" in english), name
            is_only_value = chinese.get("text") in (None, "", *values.values())
            assert is_only_value or chinese["text"] != english["text"], name
    assert (await composer.generate("utter_unknown", tracker, "gateway")) is None


def list_routes(app: Sanic) -> set[tuple[str, str]]:
    return {(method, f"/{route.path}") for route in app.router.routes for method in route.methods}


def check_routes() -> None:
    Sanic.test_mode = True  # several applications of one name
    assert list_routes(rasa.server.create_app(auth_token="x")) == API
    assert set(BUILTIN_CHANNELS) == set(CHANNELS)
    replace_app()
    for environment, url, expected in (
        ("demo", "http://127.0.0.1:5005", OURS | {MEASURING}),
        ("production", "http://127.0.0.1:5005", OURS),
        ("anything", "http://127.0.0.1:5005", OURS),
        ("demo", "http://10.0.0.1:5005", OURS),
    ):
        os.environ.update(XIAOHE_ENVIRONMENT=environment, XIAOHE_RASA_URL=url, XIAOHE_RASA_TOKEN="x")
        app = configure_app(create_http_input_channels(None, "credentials.yml"), enable_api=False)
        assert list_routes(app) == expected, (environment, url)


def check_telemetry() -> None:
    os.environ["RASA_TELEMETRY_ENABLED"] = "true"
    turn_off_telemetry()
    assert not rasa.telemetry.is_telemetry_enabled()
    assert not rasa.telemetry.initialize_telemetry()


async def check_negative_length() -> None:
    # Sanic reads such a body for ever, without a moment for anybody else.
    class OnePart(Http):
        async def read(self) -> bytes:
            self.request_body = None
            return b"body"

    http = object.__new__(OnePart)
    for length, parts in ((-1, []), (4, [b"body"]), (None, [b"body"])):
        http.request_body, http.request_bytes_left, http.keep_alive = True, length, True
        assert [part async for part in http] == parts, length
        assert http.keep_alive == bool(parts)


if __name__ == "__main__":
    refuse_negative_lengths()
    asyncio.run(check_negative_length())
    check_routes()
    check_telemetry()
    check_graph()
    check_classifier()
    check_encoders()
    asyncio.run(check_tuned_models())
    take_shortcuts()  # which the next ones check
    check_slots()
    check_action_call()
    asyncio.run(check_tracker_store())
    asyncio.run(check_erased_dialogue())
    asyncio.run(check_forgetting())
    asyncio.run(check_late_rows())
    asyncio.run(check_english_responses())
