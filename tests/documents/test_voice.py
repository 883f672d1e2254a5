"""Voice messages become MP3, which browsers play; what is none is refused, and nothing runs on."""

import asyncio
import time

import pytest

from documents import voice
from documents.voice import NOT_A_VOICE, clean_voice
from kit.errors import RequestError
from tests.documents.pictures import take_photograph
from tests.documents.samples import PDF, record_voice

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("form", ["amr", "ogg", "mp3"])
async def test_what_phones_record_is_playable(form: str) -> None:
    kept = await clean_voice(record_voice(form))
    assert kept[0] == 0xFF, "a frame of MP3"
    assert len(kept) > 1000


@pytest.mark.parametrize(
    "content",
    [b"#!AMR\n", b"#!AM", b"<html>", PDF, take_photograph(), bytes(1000), b"#EXTM3U\nfile:///etc/passwd"],
    ids=["no sound", "cut off", "page", "pdf", "photograph", "zeros", "list of other files"],
)
async def test_what_is_no_recording_is_refused(content: bytes) -> None:
    with pytest.raises(RequestError, match="not_a_voice") as refused:
        await clean_voice(content)
    assert refused.value.reason == NOT_A_VOICE


async def test_what_is_too_long_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await clean_voice(record_voice(seconds=3.0))
    monkeypatch.setattr(voice, "_WRITE", (*voice._WRITE, "-t", "1"))
    assert len(await clean_voice(record_voice(seconds=3.0))) < len(whole) / 2


async def test_a_decoder_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "DECODING_SECONDS", 0.3)
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", lambda: "/bin/sh")
    monkeypatch.setattr(voice, "_READ", ("-c", "exec sleep 60"))
    began = time.monotonic()
    with pytest.raises(RequestError, match="not_a_voice"):
        await asyncio.wait_for(clean_voice(b"x"), 30)
    assert time.monotonic() - began < 30
