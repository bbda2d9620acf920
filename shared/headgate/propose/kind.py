"""What is found out about one column: its values, and its type with the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A column's type, the words it needs, why, and the texts that mean that there is no value."""

    type: str
    words: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    nothing: Sequence[str] = ()
    misfits: Sequence[str] = ()  # a few values that the gate will refuse


@dataclass(frozen=True)
class Counted:
    """The texts of a column that are values, stripped, with how often each occurs."""

    texts: Counter[str]
    nothing: Sequence[str]

    @property
    def total(self) -> int:
        """How many values there are."""
        return self.texts.total()
