"""What keeps libraries from reporting to their makers; `kit/__init__.py` sets it before any of them is imported."""

import os

SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime's native code, to Microsoft, from the first session on
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "OTEL_SDK_DISABLED": "true",
}


def turn_off_telemetry() -> None:
    """Overrules whatever the environment says: no starter can turn it on by accident."""
    os.environ.update(SWITCHES)
