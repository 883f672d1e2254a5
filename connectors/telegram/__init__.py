"""Customers who write to the bank's Telegram bot."""
