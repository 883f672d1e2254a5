"""The dialogue: what runs in the Rasa server (bot/server, Python 3.10) and its actions (bot/actions)."""
