"""Code that runs inside the Rasa server, on Python 3.10; it imports nothing else of ours."""

from bot.server.telemetry import turn_off_telemetry

turn_off_telemetry()
