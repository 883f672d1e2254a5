"""The adapter of the default encoder: its weights, the paraphrases it is trained on, and how."""
