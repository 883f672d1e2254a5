"""How the Rasa server refuses: in the shape of all other processes (kit/web.py)."""

from sanic import response
from sanic.response import HTTPResponse


def refuse(status: int, code: str, reason: str) -> HTTPResponse:
    """An answer that says why not."""
    return response.json({"error": {"code": code, "reason": reason}}, status=status)
