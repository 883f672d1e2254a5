"""Benchmarks of the whole system against a stock Rasa, in one run on one machine."""
