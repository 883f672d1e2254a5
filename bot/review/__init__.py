"""The review of real conversations: finds the turns worth a look, and makes examples and cases of them."""
