"""Run Terraform in one of its folders, with its output shown unchanged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headgate.deploy.errors import CannotDeploy

NOTHING_TO_DO, CHANGES = 0, 2  # exit codes of `terraform plan -detailed-exitcode`


@dataclass(frozen=True)
class Terraform:
    """Terraform in a folder. Raises `CannotDeploy` when it is not installed, or fails.

    `data` is Terraform's own folder below it, which remembers a backend: one per environment, so that no command works
    on the environment that another one has initialised.
    """

    folder: Path
    data: str = ".terraform"

    def run(self, *words: str, accepted: tuple[int, ...] = (0,), shown: bool = True) -> int:
        """Run a command and return its exit code, which must be one of `accepted`."""
        return self._run(words, accepted, shown=shown).returncode

    def outputs(self) -> dict[str, Any]:
        """Return the outputs' values by name."""
        outputs = json.loads(self._run(("output", "-json"), (0,), shown=False).stdout)
        return {name: output["value"] for name, output in outputs.items()}

    def show(self, plan: Path | None = None) -> dict[str, Any]:
        """Return a saved plan, or without one the state, as JSON."""
        return json.loads(self._run(("show", "-json", *([str(plan)] if plan else [])), (0,), shown=False).stdout)

    def _run(
        self, words: tuple[str, ...], accepted: tuple[int, ...], *, shown: bool
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [_program(), *words],
            cwd=self.folder,
            env={**os.environ, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "TF_DATA_DIR": self.data},
            stdout=None if shown else subprocess.PIPE,
            text=True,
        )
        if done.returncode not in accepted:
            raise CannotDeploy(
                f"`terraform {words[0]}` failed (exit code {done.returncode})",
                where=str(self.folder),
                remedy="Terraform's own message above names the cause.",
            )
        return done


def _program() -> str:
    program = shutil.which("terraform")
    if program is None:
        raise CannotDeploy(
            "Terraform is not installed, or not on the PATH",
            remedy="Install 1.11.4 or newer (terraform/versions.tf sets the version), then run the command again.",
        )
    return program
