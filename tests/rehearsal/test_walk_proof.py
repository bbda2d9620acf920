"""The names by which a delivery is followed, and by which `tests/rehearsed` breaks Terraform, are Terraform's own."""

from __future__ import annotations

import json
import runpy

import pytest

import needs
from rehearsal.walk.proof import LAST_STATE, STATES, paths_of

MODULES = needs.ROOT / "terraform" / "modules"
FAULTS = runpy.run_path(str(needs.ROOT / "tests" / "rehearsed" / "broken.py"))["FAULTS"]


@pytest.mark.parametrize("state", [*STATES, LAST_STATE])
def test_a_state_that_a_delivery_must_enter_is_named_in_the_pipeline(state: str) -> None:
    assert any(f'"{state}"' in file.read_text(encoding="utf-8") for file in (MODULES / "pipeline").glob("*.tf"))


def test_the_paths_of_a_queue_are_read_where_terraform_writes_them() -> None:
    routes = {"shop/": {"arrivals-orders": "orders.csv*", "arrivals-shop": "*"}, "web/": {"arrivals-shop": "*"}}
    definition = json.dumps({"States": {"Know the paths": {"Assign": {"routes": routes}}}})
    assert paths_of(definition, "lake-arrivals-orders", "lake") == ["staging/shop/orders.csv*"]
    assert paths_of(definition, "lake-arrivals-shop", "lake") == ["staging/shop/*", "staging/web/*"]
    assert paths_of(definition, "lake-arrivals-visits", "lake") == []
    terraform = (MODULES / "pipeline" / "routes.tf").read_text(encoding="utf-8")
    assert '"Know the paths" = {' in terraform and "routes = local._routes" in terraform
    assert 'name}-route-arrivals"' in terraform


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_in_terraform_can_be_brought_in(fault) -> None:
    assert (MODULES / fault.file).read_text(encoding="utf-8").count(fault.before) == 1
