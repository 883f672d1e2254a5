"""What staff are told of outside the site."""
