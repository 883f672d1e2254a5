"""What customers may do about their data: see, correct, withdraw, erase; and what goes when its time is up."""
