"""Campaigns: whole villages (整村授信) and white lists, their pre-approved quotas, invitations and results."""
