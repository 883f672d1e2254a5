"""Custom actions (rasa-sdk, Python 3.11): read slots, call a service, answer."""
