"""Notifications to staff, on the site and by notification channels."""
