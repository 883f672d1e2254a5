"""The knowledge service: question-and-answer entries, their search, and the sentence encoder."""

from kit.telemetry import turn_off_telemetry

turn_off_telemetry()  # also where only the encoder is used: onnxruntime reports from its first session on
