"""Single sign-on by the bank's OpenID Connect provider."""
