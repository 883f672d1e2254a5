"""The real sentence encoder, loaded once in one test process."""

import pytest

from kit.settings import ROOT
from knowledge.encoder import Encoder, load_encoder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the real encoder share a process."""
    for item in items:
        if "shipped_encoder" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")
            item.add_marker(pytest.mark.xdist_group("encoder"))


@pytest.fixture(scope="session")
def shipped_encoder() -> Encoder:
    return load_encoder(str(ROOT / "models" / "encoder"))
