"""Marts: SQL over published tables, rebuilt whole."""
