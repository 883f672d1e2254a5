"""What keeps Rasa and its libraries from reporting to their makers; set before any of them is imported."""

import os

SWITCHES = {
    "RASA_TELEMETRY_ENABLED": "false",  # usage to Segment, errors with their text to Sentry
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def turn_off_telemetry() -> None:
    """Overrules whatever the environment says: no starter can turn it on by accident."""
    os.environ.update(SWITCHES)
