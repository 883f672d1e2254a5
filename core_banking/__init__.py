"""Loans that customers already have: read from the bank's core at each turn, and what is asked for about them."""
