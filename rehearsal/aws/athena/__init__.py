"""Athena, with Trino as its engine."""
