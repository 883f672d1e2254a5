"""How long a test waits for what must come."""

# Only a test that fails waits so long: how busy the machine is, is not tested.
WAIT_SECONDS = 60.0
