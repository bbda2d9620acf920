"""Refine: one dataset from raw files to its published table."""
