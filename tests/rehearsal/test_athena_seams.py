"""What the adapters hold on to inside the pinned emulator: another version that lacks it is named here first."""

from __future__ import annotations

import json
import subprocess

import pytest

import needs

pytestmark = pytest.mark.needs("ministack")

# Name: its parameters; None for what is no function.
SEAMS: dict[str, list[str] | None] = {
    "ministack.services.athena:handle_request": ["method", "path", "headers", "body", "query_params"],
    "ministack.services.athena:_ensure_default_workgroup": [],
    "ministack.services.athena:_execution_out": ["ex"],
    "ministack.services.athena:_parse_ddl": ["query"],
    "ministack.services.athena:_create_table_input": ["ddl"],
    "ministack.services.athena:_executions": None,
    "ministack.services.athena:_workgroups": None,
    "ministack.services.glue:_create_table": ["data"],
    "ministack.services.glue:_start_crawler": ["data"],
    "ministack.services.glue:_stop_crawler": ["data"],
    "ministack.services.glue:_update_crawler": ["data"],
    "ministack.services.glue:_delete_crawler": ["data"],
    "ministack.services.glue:_get_crawler_metrics": ["data"],
    "ministack.services.glue:_crawlers": None,
    "ministack.services.glue:_tables": None,
    "ministack.services.iam:_roles": None,
    "ministack.services.sts:register_session": ["access_key", "session"],
    "ministack.services.sts:_gen_session_access_key": [],
    "ministack.core.router:extract_access_key_id": ["headers", "query_params"],
    "ministack.core.iam_evaluator:_signed_request": None,
    "ministack.core.iam_evaluator:_verified_key": None,
    "ministack.core.iam_evaluator:resolve_credential": ["access_key_id", "account_id", "session_token"],
    "ministack.core.iam_actions:extract_resource_arn": [
        "service", "method", "path", "headers", "body", "query_params", "region", "account_id",
    ],
    "ministack.app:extract_access_key_id": ["headers", "query_params"],
    "ministack.app:pin_signed_request": ["method", "raw_path", "query_params", "raw_headers", "handshake"],
}  # fmt: skip

LOOK = """
import importlib, inspect, json, sys
found = {}
for seam in json.load(sys.stdin):
    module, _, name = seam.partition(":")
    thing = getattr(importlib.import_module(module), name, "absent")
    parameters = inspect.isroutine(thing) and list(inspect.signature(thing).parameters)
    found[seam] = "absent" if isinstance(thing, str) else parameters
json.dump(found, sys.stdout)
"""


def test_the_emulator_has_what_the_adapters_hold_on_to() -> None:
    command = [needs.ministack(), "-c", LOOK]
    said = subprocess.run(command, input=json.dumps(list(SEAMS)), capture_output=True, text=True, check=True)
    found = json.loads(said.stdout.splitlines()[-1])
    assert found == {name: False if parameters is None else parameters for name, parameters in SEAMS.items()}


def test_the_emulator_still_gives_tables_the_description_that_the_adapter_takes_away() -> None:
    look = (
        "import json\nfrom ministack.services import glue\nglue._create_database({'DatabaseInput': {'Name': 'd'}})\n"
        "glue._create_table({'DatabaseName': 'd', 'TableInput': {'Name': 't'}})\n"
        "print(repr(glue._tables['d/t'].get('Description')))"
    )
    said = subprocess.run([needs.ministack(), "-c", look], capture_output=True, text=True, check=True)
    assert said.stdout.strip().splitlines()[-1] == "''"
