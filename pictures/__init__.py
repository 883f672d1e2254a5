"""Reads photographs of papers on this machine: identity cards, licences, land contracts, bank statements."""

from kit.telemetry import turn_off_telemetry

turn_off_telemetry()  # onnxruntime reports from its first session on
