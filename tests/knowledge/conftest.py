"""The real sentence encoder, loaded once in one test process."""

import pytest

from kit.settings import ROOT
from knowledge.encoder import Encoder, load_encoder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "shipped_encoder" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def shipped_encoder() -> Encoder:
    return load_encoder(str(ROOT / "models" / "encoder"))
