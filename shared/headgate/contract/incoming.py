"""The prefix of staging below which JSON documents arrive; `lake/paths.py` has the paths below it."""

INCOMING = "incoming"
