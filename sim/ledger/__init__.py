"""The ledger: every gram, cent and lead moves between named accounts in whole numbers."""
