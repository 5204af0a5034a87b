"""The pages of the ledger, by subject."""
