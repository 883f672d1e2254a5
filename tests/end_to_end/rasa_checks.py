"""Checks that our parts of the Rasa server do what Rasa's own do; test_rasa_side.py runs them in Rasa's environment."""

import asyncio
import tempfile
from types import SimpleNamespace
from typing import Any

import numpy as np
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import coo_matrix

from bot.server.runner import SequentialGraphRunner
from bot.server.shortcuts import take_shortcuts
from bot.server.tracker_store import QuickTrackerStore

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


def check_features() -> None:
    message = Message({"text": "我想贷款"})
    for matrix in (coo_matrix(np.array([[0, 2, 0, 1]])), np.array([[0.5, -0.25]], np.float32)):
        message.add_features(Features(matrix, "sentence", "text", "test"))
    classifier = LogisticRegressionClassifier({}, "test", None, None)
    before = LogisticRegressionClassifier._create_X(classifier, [message, message]).toarray()
    take_shortcuts()
    assert (LogisticRegressionClassifier._create_X(classifier, [message, message]) == before).all()


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


if __name__ == "__main__":
    check_graph()
    check_features()  # takes the shortcuts, which the next ones check
    check_slots()
    check_action_call()
    asyncio.run(check_tracker_store())
    asyncio.run(check_erased_dialogue())
    asyncio.run(check_late_rows())
