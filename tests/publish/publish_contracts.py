"""Contracts of the tests of this folder: a usual head, and what the test is about."""

from __future__ import annotations

import yaml

from bench import HEAD
from headgate.contract.model import Contract


def contract(body: str) -> Contract:
    """A contract from the keys that follow the usual head."""
    return Contract.model_validate(yaml.safe_load(HEAD.format(name="orders") + body))
