"""Questions that customers asked in vain, masked, and clustered so that the knowledge team sees what is missing."""
