"""The product catalogue: what the bank lends, to whom, within which limits, as dated data."""
