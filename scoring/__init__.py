"""Credit decisions: dated policies, pure rules, a points scorecard, and stored decisions behind a small API."""
