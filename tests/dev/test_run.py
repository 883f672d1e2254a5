"""`make run`: ready lines, a process that fails, a busy port, and that nothing is left running."""

import os
import shlex
import signal
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from dev.processes import Processes
from dev.run import ProcessFailed, list_taken_ports, protect, require_all_running, run
from dev.stack import find_free_port
from tests.waiting import WAIT_SECONDS

HEALTHY = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""
DYING = "print('no model found', flush=True); raise SystemExit(3)"
SLEEPING = "import time; print('loading', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(600)"
)


class InterruptedProcesses(Processes):
    """Somebody presses Ctrl-C once all are healthy."""

    def find_ended(self) -> tuple[str, int] | None:
        if all(map(self.is_healthy, self.urls)):
            raise KeyboardInterrupt
        return super().find_ended()


Build = Callable[..., Processes]
Running = Callable[[], set[psutil.Process]]


@pytest.fixture
def running() -> Running:
    """The processes that a test has started and not stopped."""
    before = set(psutil.Process().children())
    return lambda: set(psutil.Process().children()) - before


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Processes that run these programs by name."""
    built: list[Processes] = []

    def build_them(kind: type[Processes] = Processes, **programs: str) -> Processes:
        urls = {name: f"http://127.0.0.1:{find_free_port()}" for name in programs}
        commands = {
            name: shlex.join([sys.executable, "-c", program, urls[name].rpartition(":")[2]])
            for name, program in programs.items()
        }
        built.append(kind(tmp_path, urls, os.environ, commands))
        return built[-1]

    yield build_them
    for processes in built:
        processes.stop_all()


def wait_for_log(processes: Processes, name: str) -> None:
    while not processes.read_log_end(name):
        assert processes.find_ended() is None


def test_ctrl_c_stops_all(build: Build, running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    processes = build(InterruptedProcesses, gateway=HEALTHY, desk=HEALTHY)
    assert run(processes, poll_seconds=0.01) == 0
    assert "stopping" in capsys.readouterr().out
    assert not running()


def test_each_part_has_a_line_when_it_is_ready_the_gateway_last(
    build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = build(gateway=HEALTHY, desk=HEALTHY)

    def interrupt(*said: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dev.run.announce", interrupt)
        assert run(processes, poll_seconds=0.01) == 0
    lines = [line.split()[:3] for line in capsys.readouterr().out.splitlines() if "ready" in line]
    assert lines == [["desk", "ready", "after"], ["gateway", "ready", "after"]]


def test_a_part_that_dies_is_named_with_the_end_of_its_log(
    build: Build, running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = build(scoring=SLEEPING, rasa=DYING)
    assert run(processes, poll_seconds=0.01) == 1
    told = capsys.readouterr().err
    assert "rasa ended with status 3.\n" in told
    assert "no model found" in told
    assert not running()


def test_a_part_that_is_killed_later_is_named_too(build: Build) -> None:
    processes = build(scoring=SLEEPING)
    processes.start("scoring")
    require_all_running(processes)
    process = psutil.Process(processes.pid("scoring"))
    process.kill()
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        pass
    with pytest.raises(ProcessFailed, match=r"^scoring was ended by SIGKILL\."):
        require_all_running(processes)


def test_a_part_that_never_gets_ready_is_given_up(
    build: Build, running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = build(desk=HEALTHY, rasa=SLEEPING)
    assert run(processes, start_seconds=0, poll_seconds=0.01) == 1
    assert "not ready after 0 s: " in capsys.readouterr().err
    assert not running()


def test_a_second_ctrl_c_kills(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    processes = build(rasa=STUBBORN)
    processes.start("rasa")
    wait_for_log(processes, "rasa")
    process = psutil.Process(processes.pid("rasa"))

    def interrupt(name: str, end: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(processes, "_wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            processes.stop_all()
    assert process.wait(WAIT_SECONDS) in (-signal.SIGKILL, None)


def test_a_port_that_is_taken_is_told_before_anything_starts() -> None:
    free = find_free_port()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = listening.getsockname()[1]
        (sentence,) = list_taken_ports({"desk": f"http://127.0.0.1:{free}", "rasa": f"http://127.0.0.1:{taken}"})
    assert sentence.startswith(f"rasa cannot listen on 127.0.0.1:{taken} (")
    assert "XIAOHE_RASA_URL" in sentence


def test_what_processes_write_and_what_was_there_is_for_the_owner_only(tmp_path: Path, build: Build) -> None:
    folder = tmp_path / "var" / "log"
    folder.mkdir(parents=True, mode=0o755)
    old = folder / "xiaohe.db"
    old.write_text("")
    old.chmod(0o644)
    protect(tmp_path / "var")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var", folder, old)] == [0o700, 0o700, 0o600]
    written = tmp_path / "written"
    program = f"open({str(written)!r}, 'w').write('x'); import time; time.sleep(600)"
    processes = build(Processes, writer=program)
    processes.start("writer")
    while not written.exists():
        assert processes.find_ended() is None
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
