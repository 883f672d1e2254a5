"""Tunes the encoder to a bank's own questions; the result waits until a second person puts it in force."""
