"""Customers in WeChat, through the bank's Official Account."""
