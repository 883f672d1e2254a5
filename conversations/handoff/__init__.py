"""Handoffs to staff: states, transitions, and who answers the customer in each state."""
