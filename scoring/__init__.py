"""Credit decisions: dated policy, pure rules, a points scorecard, stored answers behind a small API."""
