"""Terraform, called in one of its folders; what it says is shown as it says it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headgate.deploy.errors import CannotDeploy

NOTHING_TO_DO, CHANGES = 0, 2  # of `terraform plan -detailed-exitcode`


@dataclass(frozen=True)
class Terraform:
    """Terraform in a folder. Raises `CannotDeploy` when it is not installed, or ends badly."""

    folder: Path
    program: str = "terraform"
    settings: Mapping[str, str] = field(default_factory=dict)

    def run(self, *words: str, may_end: tuple[int, ...] = (0,)) -> int:
        """Run a command with its output shown; the exit code, which must be one of `may_end`."""
        return self._run(words, may_end, shown=True).returncode

    def show(self, plan: Path | None = None) -> dict[str, Any]:
        """A saved plan, or without one the state, as JSON."""
        return json.loads(self._run(("show", "-json", *([str(plan)] if plan else [])), (0,), shown=False).stdout)

    def _run(
        self, words: tuple[str, ...], may_end: tuple[int, ...], *, shown: bool
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self._found(), *words],
            cwd=self.folder,
            env={**os.environ, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", **self.settings},
            stdout=None if shown else subprocess.PIPE,
            text=True,
        )
        if done.returncode not in may_end:
            raise CannotDeploy(
                f"`terraform {words[0]}` did not end well (exit code {done.returncode})",
                where=str(self.folder),
                remedy="Terraform's own message above says why.",
            )
        return done

    def _found(self) -> str:
        found = shutil.which(self.program)
        if found is None:
            raise CannotDeploy(
                "Terraform is not installed, or not on the PATH",
                remedy="Install 1.11.4 or newer (terraform/versions.tf says which), then run the command again.",
            )
        return found
