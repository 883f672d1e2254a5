"""What the bank's customers ask and what it answers: entries, their search, and the sentence encoder."""
