"""Upkeep of published tables: maintain, roll back, hold, resume, re-read."""
