"""The bot: what runs inside the Rasa server (bot/server, Python 3.10), and its actions (bot/actions)."""
