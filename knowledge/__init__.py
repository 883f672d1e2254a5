"""The knowledge service: question-and-answer entries, their search, and the sentence encoder."""
