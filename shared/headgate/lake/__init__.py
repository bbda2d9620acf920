"""The lake: its storage, its paths, its ledger and its lock."""
