"""The client of the virus scanner: nothing is taken without its word."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from pydantic import ValidationError

from documents.scanning import ClamdClient, NoScanner, ScannerUnavailable, open_scanner, read_verdict
from documents.settings import ClamdSettings
from kit.errors import RequestError
from tests.documents.clamd import EICAR, FakeClamd

CLEAN = b"a harmless picture" * 50_000
CLAMD = shutil.which("clamd")


@pytest.mark.parametrize(
    ("reply", "virus"),
    [
        (b"stream: OK\0", ""),
        (b"stream: Eicar-Test-Signature FOUND\0", "Eicar-Test-Signature"),
        (
            b"stream: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND\0",
            "Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68)",
        ),
        (b"INSTREAM size limit exceeded. ERROR\0", None),
        (b"stream: Can't allocate memory ERROR\0", None),
        (b"UNKNOWN COMMAND\0", None),
        (b"stream: FOUND\0", None),
        (b"stream: OK, but\0", None),
        (b"\xff\xfe\0", None),
        (b"\0", None),
    ],
)
def test_only_a_clear_word_is_a_verdict(reply: bytes, virus: str | None) -> None:
    if virus is None:
        with pytest.raises(ScannerUnavailable):
            read_verdict(reply)
    else:
        assert read_verdict(reply) == virus


async def test_the_whole_file_is_scanned() -> None:
    scanner = FakeClamd()
    async with scanner.listen() as url:
        await ClamdClient(url).scan(CLEAN)
    assert scanner.scanned == [CLEAN]


async def test_a_virus_is_refused() -> None:
    async with FakeClamd().listen() as url:
        with pytest.raises(RequestError) as refused:
            await ClamdClient(url).scan(b"\xff\xd8" + EICAR)
    assert (refused.value.status, refused.value.code) == (422, "infected")


@pytest.mark.parametrize("reply", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK", b"x" * 100_000])
async def test_without_a_verdict_a_second_try_is_made_and_then_nothing_is_taken(reply: bytes) -> None:
    scanner = FakeClamd(reply, b"stream: OK\0")
    async with scanner.listen() as url:
        await ClamdClient(url, retry_seconds=0).scan(CLEAN)
        assert len(scanner.scanned) == 2
        scanner.replies = [reply]
        with pytest.raises(RequestError) as refused:
            await ClamdClient(url, retry_seconds=0).scan(CLEAN)
    assert (refused.value.status, refused.value.code) == (503, "scanner_away")
    assert len(scanner.scanned) == 4


async def test_a_scanner_that_never_answers_is_not_waited_for() -> None:
    scanner = FakeClamd()
    scanner.is_slow = True
    async with scanner.listen() as url:
        began = asyncio.get_running_loop().time()
        with pytest.raises(RequestError, match="scanner_away"):
            await ClamdClient(url, seconds=0.1, retry_seconds=0).scan(CLEAN)
        assert asyncio.get_running_loop().time() - began < 5


async def test_where_nobody_listens_nothing_is_taken(tmp_path: Path) -> None:
    for url in ("tcp://127.0.0.1:9", f"unix://{tmp_path}/none.sock"):
        with pytest.raises(RequestError, match="scanner_away"):
            await ClamdClient(url, retry_seconds=0).scan(CLEAN)


@pytest.mark.parametrize("url", ["http://127.0.0.1:3310", "tcp://127.0.0.1", "/run/clamav/clamd.ctl", "unix://"])
def test_an_address_nobody_can_be_at_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="XIAOHE_CLAMD_URL"):
        ClamdSettings(url=url)


def test_without_an_address_there_is_no_scanner() -> None:
    assert isinstance(open_scanner(ClamdSettings()), NoScanner)
    assert isinstance(open_scanner(ClamdSettings(url="unix:///run/clamav/clamd.ctl")), ClamdClient)


@pytest.mark.slow
@pytest.mark.skipif(CLAMD is None, reason="there is no ClamAV on this machine")
async def test_the_real_scanner_says_the_same() -> None:
    folder = Path(tempfile.mkdtemp(prefix="clamd", dir="/tmp"))
    (folder / "db").mkdir()
    (folder / "db" / "eicar.hdb").write_text("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n")
    (folder / "clamd.conf").write_text(
        f"LocalSocket {folder}/clamd.sock\nDatabaseDirectory {folder}/db\nForeground yes\nStreamMaxLength 1M\n"
        f"PidFile {folder}/clamd.pid\n"
    )
    process = await asyncio.create_subprocess_exec(
        str(CLAMD), "-c", str(folder / "clamd.conf"), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            if (folder / "clamd.sock").exists():
                break
            await asyncio.sleep(0.1)
        scanner = ClamdClient(f"unix://{folder}/clamd.sock")
        await scanner.scan(CLEAN[:100_000])
        with pytest.raises(RequestError, match="infected"):
            await scanner.scan(EICAR)
        with pytest.raises(RequestError, match="scanner_away"):
            await scanner.scan(bytes(2 * 1024**2))
    finally:
        process.terminate()
        await process.wait()
        shutil.rmtree(folder)
