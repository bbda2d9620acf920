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
LAKE = TERRAFORM / "tests" / "lake"  # contracts and SQL for the tests of Terraform alone
# The variables of a lake in which every optional part is switched on.
SETTINGS: Mapping[str, object] = {
    "name": "test",
    "environment": "test",
    "region": "eu-west-1",
    "allowed_regions": ["eu-west-1"],
    "release": "0.1.0",
    "protected": True,
    "monthly_budget_usd": 10,
    "athena_scan_limit_gb": 1,
    "athena_daily_limit_gb": 10,
    "notify_emails": ["ops@example.org"],
    "github_repository": "example/lake",
    "verify": True,
    "event_function": {"trace": True},
}
# Every option of a large company, switched on.
OPTIONS: Mapping[str, Any] = {
    "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/33333333-3333-3333-3333-333333333333",
    "own_buckets": {"warehouse": "acme-warehouse"},
    "network": {
        "vpc_id": "vpc-0123456789abcdef0",
        "subnet_ids": ["subnet-a"],
        "create_endpoints": True,
        "route_table_ids": ["rtb-1"],
    },
    "lake_formation": {"tables": ["customers"]},
    "encrypt_catalog": True,
    "audit": "data_events",
    "redshift": {"subnet_ids": ["subnet-a", "subnet-b"]},
}
RELEASE_FILES = ("release.json", "headgate-0.1.0-py3-none-any.whl", "wheelhouse.gluewheels.zip",
                 "glue_jobs/refine.py", "glue_jobs/build_mart.py", "glue_jobs/maintain.py",
                 "lambdas/flatten_json-arm64.zip")  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What a plan would do: planned values and actions by address. Values that are not known yet are missing."""

    values: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, Sequence[str]]
    outputs: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """The managed resources of one type, by address."""
        return {address: values for address, values in self.values.items() if f".{kind}." in f".{address}"}


@dataclass
class Refused(Exception):
    """A plan that Terraform refused, with all its messages."""

    messages: str

    def __str__(self) -> str:
        return self.messages


class Workspace:
    """A copy of terraform/ that tests may write into; each of its folders is initialised once."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.at, self._env = folder / "terraform", dict(env)
        shutil.copytree(TERRAFORM, self.at, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
        self._ready: set[Path] = set()

    def run(self, *words: str, module: str = ".", stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run terraform in a folder of the copy, with `init` before the first command there."""
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
        """The value of an expression, from `terraform console`."""
        given = [f"-var={name}={value}" for name, value in variables.items()]
        done = self.run("console", *given, module=module, stdin=f"jsonencode({expression})\n")
        if done.returncode:
            raise Refused(done.stdout + done.stderr)
        return json.loads(json.loads(done.stdout))

    def plan(self, *, var_file: str | None = None, files: Mapping[str, Any] | None = None, **variables: Any) -> Plan:
        """Plan a new lake whose release contains these contracts. Raises `Refused` with Terraform's messages."""
        given = {"contracts_dir": str(LAKE / "contracts"), "sql_dir": str(LAKE / "sql"), **variables}
        released = self.console("local._hash", "modules/contracts", **{
            name: str(given[name]) for name in ("contracts_dir", "sql_dir")
        })  # fmt: skip
        generated = self.at / "tests" / "generated.tftest.hcl"
        generated.write_text(_test(given, files or {}, released))
        words = ["-json", "-verbose", f"-filter=tests/{generated.name}"]
        done = self.run("test", *words, *([f"-var-file={var_file}"] if var_file else []))
        generated.unlink()  # so that it is not among the folder's own tests
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode:
            messages = [_message(event["diagnostic"]) for event in events if event["type"] == "diagnostic"]
            raise Refused("\n".join(messages) or done.stderr)
        return _plan(next(event["test_plan"] for event in events if event["type"] == "test_plan"))


def _test(variables: Mapping[str, Any], given: Mapping[str, Any], released: str) -> str:
    """A test of one plan. `given` may replace what the bucket holds: `keys`, `known`, `lakes`, `contracts_sha256`."""
    body = json.dumps({"version": "0.1.0", "contracts_sha256": given.get("contracts_sha256", released)})
    keys = given.get("keys", [f"releases/0.1.0/{name}" for name in RELEASE_FILES])
    assignments = "\n".join(f"  {name} = {json.dumps(value)}" for name, value in variables.items())
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
  target = data.aws_s3_objects.lakes
  values = {{ common_prefixes = {json.dumps(given.get("lakes", []))} }}
}}
override_data {{
  target = data.aws_s3_object.release
  values = {{ body = {json.dumps(body)} }}
}}
variables {{
{assignments}
}}
run "plan" {{
  command = plan
}}
"""


def _message(diagnostic: Mapping[str, Any]) -> str:
    return " ".join(f"{diagnostic['summary']}: {diagnostic.get('detail', '')}".split())


def _plan(plan: Mapping[str, Any]) -> Plan:
    managed = [change for change in plan["resource_changes"] if change["mode"] == "managed"]
    return Plan(
        values={resource["address"]: resource["change"]["after"] or {} for resource in managed},
        actions={resource["address"]: resource["change"]["actions"] for resource in managed},
        outputs={name: change.get("after") for name, change in plan["output_changes"].items()},
    )
