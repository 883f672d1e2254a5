"""A made-up day of a county bank: fills a database of its own through the services that real days go through."""
