"""The plan of each environment, compared with a partial inventory that a person can read."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from mocked_plan import Plan, Workspace

pytestmark = pytest.mark.needs("terraform")

FOLDER = Path(__file__).parent / "inventory"
REWRITE = "HEADGATE_REWRITE_INVENTORY=1 .venv/bin/python -m pytest tests/terraform/test_inventory.py"

# What people compare between environments; other tests check everything else.
SHOWN = {
    "aws_glue_job": ("name", "worker_type", "number_of_workers", "execution_class", "timeout"),
    "aws_s3_bucket": ("bucket", "force_destroy"),
    "aws_scheduler_schedule": ("group_name", "schedule_expression"),
    "aws_sqs_queue": ("name",),
    "aws_glue_crawler": ("name", "schedule"),
    "aws_cloudwatch_log_group": ("name", "retention_in_days"),
    "aws_budgets_budget": ("limit_amount",),
}


def inventory(plan: Plan) -> dict[str, Any]:
    """How many resources of each type there are, and some values of some types."""
    kinds = Counter(_kind(address) for address in plan.values)
    shown = {
        address: {name: values[name] for name in SHOWN[_kind(address)]}
        for address, values in plan.values.items()
        if _kind(address) in SHOWN
    }
    return {"counts": dict(sorted(kinds.items())), "values": dict(sorted(shown.items()))}


def _kind(address: str) -> str:
    parts = address.split("[")[0].split(".") if "module." not in address else address.split(".")
    return next(part for part in parts if part.startswith(("aws_", "terraform_data")))


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_plans_what_its_inventory_lists(workspace: Workspace, environment: str) -> None:
    plan = workspace.plan(var_file=f"environments/{environment}.tfvars")
    actual = inventory(plan)
    file = FOLDER / f"{environment}.yaml"
    if os.environ.get("HEADGATE_REWRITE_INVENTORY"):
        file.write_text(f"# Written by a machine: {REWRITE}\n{yaml.safe_dump(actual, sort_keys=False, width=120)}")
    expected = yaml.safe_load(file.read_text())
    assert actual == expected, f"The plan of {environment} has changed. If you intended that, run:\n  {REWRITE}"


def test_environments_differ_in_values_only() -> None:
    dev, prod = (yaml.safe_load((FOLDER / f"{name}.yaml").read_text()) for name in ("dev", "prod"))
    assert dev["counts"] == prod["counts"]
    assert list(dev["values"]) == list(prod["values"])
