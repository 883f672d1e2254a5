"""Verifying phones: a number that somebody types is a claim until a code sent to it comes back."""
