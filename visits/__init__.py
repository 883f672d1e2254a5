"""Visits of account managers to customers (上门): which times are free, booked, moved, cancelled, reported."""
