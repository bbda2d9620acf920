"""Plans of the whole lake without an account: `terraform test` with a mocked provider, read from its JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from needs import ROOT

TERRAFORM = ROOT / "terraform"
LAKE = TERRAFORM / "tests" / "lake"  # the contracts and SQL that the tests of Terraform bring themselves
RELEASE_FILES = ("release.json", "headgate-0.1.0-py3-none-any.whl", "wheelhouse.gluewheels.zip",
                 "glue_jobs/refine.py", "glue_jobs/build_mart.py", "glue_jobs/maintain.py")  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What a plan would do: planned values and actions by address, values that are not known yet left out."""

    values: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, Sequence[str]]
    outputs: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """The managed resources of one type, by address."""
        return {address: one for address, one in self.values.items() if f".{kind}." in f".{address}"}


@dataclass(frozen=True)
class Refused(Exception):
    """A plan that Terraform refused, with everything it said."""

    said: str

    def __str__(self) -> str:
        return self.said


class Workspace:
    """A copy of terraform/ that tests may write into; initialised once."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.at, self._env = folder / "terraform", dict(env)
        shutil.copytree(TERRAFORM, self.at, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
        self._ready: set[Path] = set()

    def run(self, *words: str, module: str = ".", stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run terraform in a folder of the copy, after `init` where it has not been."""
        where = (self.at / module).resolve()
        if where not in self._ready:
            self._terraform(where, "init", "-backend=false", "-input=false")
            self._ready.add(where)
        return self._terraform(where, *words, stdin=stdin, check=False)

    def _terraform(
        self, where: Path, *words: str, stdin: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["terraform", *words], cwd=where, env=self._env, input=stdin, capture_output=True, text=True
        )
        if check and done.returncode:
            raise AssertionError(f"terraform {' '.join(words)} in {where}:\n{done.stdout}{done.stderr}")
        return done

    def console(self, expression: str, module: str, **variables: str) -> Any:
        """What `terraform console` says to an expression."""
        given = [f"-var={name}={value}" for name, value in variables.items()]
        done = self.run("console", *given, module=module, stdin=f"jsonencode({expression})\n")
        if done.returncode:
            raise Refused(done.stdout + done.stderr)
        return json.loads(json.loads(done.stdout))

    def plan(self, *, var_file: str | None = None, files: Mapping[str, Any] | None = None, **variables: Any) -> Plan:
        """Plan a new lake whose release holds just these contracts. Raises `Refused` with Terraform's words."""
        given = {"contracts_dir": str(LAKE / "contracts"), "sql_dir": str(LAKE / "sql"), **variables}
        released = self.console("local._hash", "modules/contracts", **{
            name: str(given[name]) for name in ("contracts_dir", "sql_dir")
        })  # fmt: skip
        generated = self.at / "tests" / "generated.tftest.hcl"
        generated.write_text(_test(given, files or {}, released))
        words = ["-json", "-verbose", f"-filter=tests/{generated.name}"]
        done = self.run("test", *words, *([f"-var-file={var_file}"] if var_file else []))
        generated.unlink()  # the folder's own tests are run as they are
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode:
            raise Refused("\n".join(_said(one) for one in said if one["type"] == "diagnostic") or done.stderr)
        return _plan(next(one["test_plan"] for one in said if one["type"] == "test_plan"))


def _test(variables: Mapping[str, Any], given: Mapping[str, Any], released: str) -> str:
    """A test of one plan. `given` may replace what the artifacts bucket holds: `keys`, `known`, `contracts_sha256`."""
    body = json.dumps({"version": "0.1.0", "contracts_sha256": given.get("contracts_sha256", released)})
    keys = given.get("keys", [f"releases/0.1.0/{name}" for name in RELEASE_FILES])
    said = "\n".join(f"  {name} = {json.dumps(value)}" for name, value in variables.items())
    return f"""
mock_provider "aws" {{
  source = "./tests/mocks"
}}
override_data {{
  target = data.aws_s3_objects.release
  values = {{ keys = {json.dumps(keys)} }}
}}
override_data {{
  target = data.aws_s3_objects.known
  values = {{ keys = {json.dumps(given.get("known", []))} }}
}}
override_data {{
  target = data.aws_s3_object.release
  values = {{ body = {json.dumps(body)} }}
}}
variables {{
{said}
}}
run "plan" {{
  command = plan
}}
"""


def _said(message: Mapping[str, Any]) -> str:
    said = message["diagnostic"]
    return " ".join(f"{said['summary']}: {said.get('detail', '')}".split())


def _plan(said: Mapping[str, Any]) -> Plan:
    managed = [one for one in said["resource_changes"] if one["mode"] == "managed"]
    return Plan(
        values={one["address"]: one["change"]["after"] or {} for one in managed},
        actions={one["address"]: one["change"]["actions"] for one in managed},
        outputs={name: one.get("after") for name, one in said["output_changes"].items()},
    )
