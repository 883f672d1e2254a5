"""The gateway between customers' channels and who answers them."""
