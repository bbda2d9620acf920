"""The error that stops a release, a plan or an apply."""

from __future__ import annotations

from headgate.errors import HeadgateError


class CannotDeploy(HeadgateError):
    """A release, plan or apply failed; the message names the cause and the remedy."""
