"""What customers' data are kept for and how long, the ledger of consents and rights, and what customers may do."""
