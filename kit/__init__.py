"""Building blocks without domain words; imports nothing else of this project."""
