"""Servers that behave like the platforms our channels speak with, and can be made to misbehave."""
