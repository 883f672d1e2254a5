"""The terminal the command runs in."""

import os
import sys
import termios
import tty


class StandardTerminal:
    """Reads single keys and lines from standard input."""

    def show(self, text: str) -> None:
        """See reviewing.Terminal."""
        print(text, flush=True)

    def read_key(self) -> str:
        """See reviewing.Terminal; the end of the input quits."""
        stdin = sys.stdin.fileno()
        before = termios.tcgetattr(stdin)
        try:
            tty.setcbreak(stdin, termios.TCSADRAIN)  # keeps what was typed ahead
            key = os.read(stdin, 1)  # unbuffered: a line may be asked for next
        finally:
            termios.tcsetattr(stdin, termios.TCSADRAIN, before)
        return key.decode("ascii", "replace") or "q"

    def ask(self, what: str, guess: str) -> str:
        """See reviewing.Terminal."""
        try:
            return input(f"{what} [{guess}]: ").strip() or guess
        except EOFError:
            return ""


def is_terminal() -> bool:
    """Whether somebody sits at it."""
    return sys.stdin.isatty() and sys.stdout.isatty()
