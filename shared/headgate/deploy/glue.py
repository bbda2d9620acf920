"""What AWS Glue 5.1 brings itself: its Python, its platform, and its modules (glue_5_1.yaml says where from)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("glue_5_1.yaml")
_OLDEST = 5  # manylinux_2_5, which manylinux1 is another name of
_NEWEST_WANTED = 28  # Glue takes up to 2_34; wheels for it are rare, and 2_28 is what AWS names second


@dataclass(frozen=True)
class Glue:
    """The environment that a job finds before anything is installed."""

    python: str
    modules: dict[str, str]

    @property
    def platforms(self) -> list[str]:
        """The tags of wheels that run there, the most specific first."""
        numbered = [f"manylinux_2_{minor}_x86_64" for minor in range(_NEWEST_WANTED, _OLDEST - 1, -1)]
        return [*numbered, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]


@cache
def glue() -> Glue:
    """Glue 5.1, as its page describes it; names of modules in their normal form."""
    said = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    pairs = (line.split("==") for line in said["modules"])
    return Glue(said["python"], {normal(name): version for name, version in pairs})


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
