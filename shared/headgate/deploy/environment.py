"""An environment: the values of terraform/environments/<name>.tfvars that are needed before Terraform runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from headgate.deploy.checkout import Checkout
from headgate.errors import UnusableArgument

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|(?:#|//)[^\n]*|/\*.*?\*/', re.DOTALL)
_TEXT = re.compile(r'^[ \t]*(\w+)[ \t]*=[ \t]*"([^"\\$]*)"[ \t]*$', re.MULTILINE)
_PROTECTED = re.compile(r"^[ \t]*protected[ \t]*=[ \t]*true\b", re.MULTILINE)
_LIST = re.compile(r'^[ \t]*(\w+)[ \t]*=[ \t]*\[((?:\s|,|"[^"]*")*)\][ \t]*$', re.MULTILINE)


@dataclass(frozen=True)
class Environment:
    """The account, region, release and buckets that an environment's file sets."""

    name: str
    file: Path
    texts: dict[str, str]
    lists: dict[str, list[str]]

    @property
    def region(self) -> str:
        """The AWS region of its lake."""
        return self._require("region")

    @property
    def release(self) -> str:
        """The version that its jobs run."""
        return self._require("release")

    @property
    def lake(self) -> str:
        """The name of its lake."""
        return self._require("name")

    @property
    def artifacts_bucket(self) -> str | None:
        """The bucket of the releases, if it is not the default one."""
        return self.texts.get("artifacts_bucket")

    @property
    def protected(self) -> bool:
        """Whether nobody may delete its buckets."""
        return bool(_PROTECTED.search(self.file.read_text(encoding="utf-8")))

    @property
    def accounts(self) -> list[str]:
        """The accounts that it may be deployed to; empty: any."""
        return self.lists.get("allowed_account_ids", [])

    def _require(self, key: str) -> str:
        if key not in self.texts:
            raise UnusableArgument(
                f"does not set `{key}`",
                where=str(self.file),
                remedy=f'Add a line such as `{key} = "…"` (a quoted text without expressions).',
            )
        return self.texts[key]


def environment(source: Checkout, name: str) -> Environment:
    """Read the environment of that name. Raises `UnusableArgument`, listing those that exist."""
    file = source.environments / f"{name}.tfvars"
    if not re.fullmatch(r"[\w-]+", name) or not file.is_file():
        existing = sorted(path.stem for path in source.environments.glob("*.tfvars"))
        raise UnusableArgument(
            f"there is no environment `{name}`",
            where=str(source.environments),
            remedy=f"Use one of: {', '.join(existing)}."
            if existing
            else "Create <name>.tfvars there (terraform/README.md).",
        )
    without_comments = _COMMENT.sub(lambda match: match[1] or "", file.read_text(encoding="utf-8"))
    lists = {key: re.findall(r'"([^"]*)"', inner) for key, inner in _LIST.findall(without_comments)}
    return Environment(name, file, dict(_TEXT.findall(without_comments)), lists)
