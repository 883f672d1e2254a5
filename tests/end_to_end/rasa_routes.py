"""Every route of a stock Rasa 3.6.21 server; rasa_checks.py checks that none is missing."""

API = {
    ("GET", "/"),
    ("GET", "/version"),
    ("GET", "/status"),
    ("GET", "/domain"),
    ("POST", "/model/train"),
    ("POST", "/model/test/stories"),
    ("POST", "/model/test/intents"),
    ("POST", "/model/predict"),
    ("POST", "/model/parse"),
    ("PUT", "/model"),
    ("DELETE", "/model"),
    ("GET", "/conversations/<conversation_id:path>/tracker"),
    ("POST", "/conversations/<conversation_id:path>/tracker/events"),
    ("PUT", "/conversations/<conversation_id:path>/tracker/events"),
    ("GET", "/conversations/<conversation_id:path>/story"),
    ("POST", "/conversations/<conversation_id:path>/execute"),
    ("POST", "/conversations/<conversation_id:path>/trigger_intent"),
    ("POST", "/conversations/<conversation_id:path>/predict"),
    ("POST", "/conversations/<conversation_id:path>/messages"),
}
CHANNELS = (
    "botframework",
    "callback",
    "cmdline",
    "facebook",
    "hangouts",
    "mattermost",
    "rasa",
    "rest",
    "rocketchat",
    "slack",
    "socketio",
    "telegram",
    "twilio",
    "twilio_voice",
    "webexteams",
)
OURS = {("POST", "/intents"), ("POST", "/turns"), ("GET", "/slots"), ("POST", "/forget"), ("GET", "/healthz")}
MEASURING = ("POST", "/model/parse")  # in the demo, on this machine
