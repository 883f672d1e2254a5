"""Customers on the bank's web page."""
