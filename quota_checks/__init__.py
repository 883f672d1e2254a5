"""What customers were told of their quota: the same again inside its validity, on whatever channel they write."""
