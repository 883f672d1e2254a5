"""Customers' pre-applications: products, checks, storage."""
