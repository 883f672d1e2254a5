"""Nothing of ours connects to anything but this machine: no library calls home, in a conversation or in training.

The running processes are shared with this folder's other tests, which run before: what they did is counted too.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from dev.stack import Stack
from kit.rasa_environment import RASA, quiet
from kit.settings import ROOT
from tests.end_to_end.connections import Connections, is_this_machine
from tests.end_to_end.customer import Customer


@pytest.fixture(autouse=True)
def is_counted(connections: Connections) -> None:
    if not connections.environment:
        pytest.skip("nothing can be preloaded into processes here")


def list_foreign(connections: Connections) -> set[str]:
    return {each for found in connections.read().values() for each in found if not is_this_machine(each)}


def test_a_conversation_stays_on_this_machine(stack: Stack, customer: Customer, connections: Connections) -> None:
    for words in (
        "你好",
        "农户贷需要什么材料",
        "能贷多少",
        "同意",
        "开店摆摊",
        "60万",
        "5年",
        "没有",
        "没有",
        "转人工",
    ):
        customer.say(words)
    counted = connections.read()
    for name in ("gateway", "rasa", "actions"):  # they ask the others: that they are counted shows that it works
        assert "127.0.0.1" in counted[stack.pid(name)], name
    assert list_foreign(connections) == set()


@pytest.mark.exhaustive
def test_training_stays_on_this_machine(stack: Stack, connections: Connections, tmp_path: Path) -> None:
    data = ["bot/data/nlu/conversation.yml", "bot/data/nlu/smalltalk.yml", "bot/data/rules"]
    options = ["--out", str(tmp_path), "--fixed-model-name", "small.tar.gz"]
    subprocess.run(
        [RASA, "-m", "bot.server.rasa_command", "train", "--data", *data, *options],
        cwd=ROOT,
        # A starter that turns telemetry on is overruled.
        env={**stack.environment, **quiet(), "HOME": str(tmp_path), "RASA_TELEMETRY_ENABLED": "true"},
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "small.tar.gz").exists()
    assert list_foreign(connections) == set()


def test_a_library_that_calls_home_is_counted(connections: Connections, tmp_path: Path) -> None:
    counted = Connections(tmp_path)
    lookup = "import socket\ntry: socket.create_connection(('telemetry.invalid', 443), 1)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", lookup], env=counted.environment, check=True)
    assert list_foreign(counted) == {"telemetry.invalid"}
