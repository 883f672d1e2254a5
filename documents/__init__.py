"""Customers' papers: pictures that were checked, scanned and encrypted, and what becomes of them."""
