"""Two policies on the same customers: what would be decided otherwise."""
