"""Measures our whole way against a stock Rasa, in one run on one machine."""
