"""What the adapter answers where Redshift would refuse a statement, in Redshift's words as far as they are known."""

from __future__ import annotations


class Refused(Exception):
    """A statement that Redshift refuses; its transaction is rolled back."""
