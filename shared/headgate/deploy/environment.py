"""An environment: the values in terraform/environments/<name>.tfvars, as far as they are needed before Terraform."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from headgate.deploy.checkout import Checkout
from headgate.errors import UnusableArgument

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|(?:#|//)[^\n]*|/\*.*?\*/', re.DOTALL)
_TEXT = re.compile(r'^[ \t]*(\w+)[ \t]*=[ \t]*"([^"\\$]*)"[ \t]*$', re.MULTILINE)
_LIST = re.compile(r'^[ \t]*(\w+)[ \t]*=[ \t]*\[((?:\s|,|"[^"]*")*)\][ \t]*$', re.MULTILINE)


@dataclass(frozen=True)
class Environment:
    """What an environment's file says of account, region, release and buckets."""

    name: str
    file: Path
    texts: dict[str, str]
    lists: dict[str, list[str]]

    @property
    def region(self) -> str:
        """Where its lake lies."""
        return self._must_say("region")

    @property
    def release(self) -> str:
        """The version that its jobs run."""
        return self._must_say("release")

    @property
    def lake(self) -> str:
        """The name of its lake."""
        return self._must_say("name")

    @property
    def artifacts_bucket(self) -> str | None:
        """The bucket of the releases, where it is not the usual one."""
        return self.texts.get("artifacts_bucket")

    @property
    def accounts(self) -> list[str]:
        """The accounts that it may lie in; empty: any."""
        return self.lists.get("allowed_account_ids", [])

    def _must_say(self, key: str) -> str:
        if key not in self.texts:
            raise UnusableArgument(
                f"says no `{key}`", where=str(self.file), remedy=f'Add a line such as `{key} = "…"` (a plain text).'
            )
        return self.texts[key]


def environment(source: Checkout, name: str) -> Environment:
    """The environment of that name. Raises `UnusableArgument` with those that are there."""
    file = source.environments / f"{name}.tfvars"
    if not re.fullmatch(r"[\w-]+", name) or not file.is_file():
        there = sorted(one.stem for one in source.environments.glob("*.tfvars"))
        raise UnusableArgument(
            f"there is no environment `{name}`",
            where=str(source.environments),
            remedy=f"There are {', '.join(there)}." if there else "Write <name>.tfvars there (terraform/README.md).",
        )
    plain = _COMMENT.sub(lambda found: found[1] or "", file.read_text(encoding="utf-8"))
    lists = {key: re.findall(r'"([^"]*)"', inner) for key, inner in _LIST.findall(plain)}
    return Environment(name, file, dict(_TEXT.findall(plain)), lists)
