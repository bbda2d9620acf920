"""What stops a release, a plan or an apply."""

from __future__ import annotations

from headgate.errors import HeadgateError


class CannotDeploy(HeadgateError):
    """A release, a plan or an apply could not be carried out; the message says what is missing, and what makes it."""
