"""Rasa's custom actions: they fill forms, call services and choose responses."""
