"""The rows of the table, by what they are about: name, when it applies, the act. `PLAIN` rows need no classifier."""
