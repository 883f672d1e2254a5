"""An encoder is current only if it was made with the adapter at hand."""

from pathlib import Path

from knowledge.adapter.stamp import hash_adapter, is_current, write_stamp
from tests.knowledge.adapter.tiny_adapter import write_tiny_adapter


def test_stamp_holds_until_the_adapter_changes(tmp_path: Path) -> None:
    adapter, encoder = write_tiny_adapter(tmp_path / "adapter"), tmp_path / "encoder"
    assert not is_current(encoder, adapter)
    encoder.mkdir()
    assert not is_current(encoder, adapter)
    write_stamp(encoder, adapter)
    assert is_current(encoder, adapter)
    config = adapter / "adapter_config.json"
    config.write_text(config.read_text().replace("8", "16"))
    assert not is_current(encoder, adapter)


def test_hash_is_of_weights_and_settings(tmp_path: Path) -> None:
    first = write_tiny_adapter(tmp_path / "first")
    same = write_tiny_adapter(tmp_path / "same")
    other = write_tiny_adapter(tmp_path / "other", seed=4)
    assert hash_adapter(first) == hash_adapter(same) != hash_adapter(other)
