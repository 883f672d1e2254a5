"""Quality checks: supervisors read a sample of talks and score them; agents see what came of it."""
