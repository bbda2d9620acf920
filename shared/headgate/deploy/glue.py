"""What AWS Glue 5.1 provides: its Python, its platform and its modules (glue_5_1.yaml names the source)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("glue_5_1.yaml")
_OLDEST = 5  # manylinux_2_5, also known as manylinux1
_NEWEST_WANTED = 28  # Glue accepts up to 2_34; wheels for it are rare, and 2_28 is the second that AWS names


@dataclass(frozen=True)
class Glue:
    """The environment of a job before anything is installed."""

    python: str
    modules: dict[str, str]

    @property
    def platforms(self) -> list[str]:
        """The tags of the wheels that run there, the most specific first."""
        numbered = [f"manylinux_2_{minor}_x86_64" for minor in range(_NEWEST_WANTED, _OLDEST - 1, -1)]
        return [*numbered, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]


@cache
def glue() -> Glue:
    """Return Glue 5.1 as its documentation describes it; module names are normalised."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    pairs = (line.split("==") for line in content["modules"])
    return Glue(content["python"], {normal(name): version for name, version in pairs})


def normal(name: str) -> str:
    """Normalise a distribution's name, as package indexes do to compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()
