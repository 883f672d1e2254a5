"""The form catalogue: every question the bot asks in a form, for the bot, the gateway and the desk alike."""
