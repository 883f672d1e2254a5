"""Handoffs to staff: their states, what may happen to them, and who answers the customer meanwhile."""
