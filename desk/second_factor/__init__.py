"""The second factor of staff: an authenticator app, with recovery codes for the day it is lost."""
