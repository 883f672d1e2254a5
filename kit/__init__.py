"""Building blocks without domain words; imports nothing else of this project.

Every process of ours imports this package before any library that has telemetry.
"""

from kit.telemetry import turn_off_telemetry

turn_off_telemetry()
