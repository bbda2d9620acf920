"""What the adapters use inside the pinned emulator: private names, and their parameters.

Another version of the emulator that lacks one of them fails here first.
"""

from __future__ import annotations

import json
import subprocess

import pytest

import needs
from rehearsal.emulator import ADAPTERS, ministack

pytestmark = pytest.mark.needs("ministack")

VERSION = "1.5.33"
# Adapter to the names that it replaces or calls, each with its parameters; `None`: not a function.
SEAMS: dict[str, dict[str, list[str] | None]] = {
    "arns": {
        "core.iam_actions.extract_resource_arn": [
            "service", "method", "path", "headers", "body", "query_params", "region", "account_id",
        ],
        "services.athena._executions": None,
        "services.athena._named_queries": None,
    },
    "credentials": {
        "services.iam._roles": None,
        "services.sts.register_session": ["access_key", "session"],
        "services.sts._gen_session_access_key": [],
        "services.sts._gen_session_token": [],
        "services.sts._gen_secret": [],
        "core.iam_evaluator.resolve_credential": ["access_key_id", "account_id", "session_token"],
    },
    "judge": {
        "core.iam_actions.access_denied_response": [
            "service", "action", "principal_arn", "request_id", "error_code", "message", "headers", "resource_arn",
            "explicit_deny", "resource_policy_arn",
        ],
        "core.iam_evaluator.enforce": [
            "access_key_id", "iam_action", "service", "region", "resource_arn", "service_context",
        ],
        "core.iam_evaluator.evaluate": ["ctx", "policies", "limits"],
        "core.iam_evaluator.evaluate_resource_policy": ["doc", "ctx", "service", "named_only", "direct_only"],
        "core.iam_evaluator.evaluate_trust_policy": ["trust_doc", "caller_arn", "ctx"],
        "core.iam_evaluator._resource_policy": ["service", "resource_arn"],
        "core.iam_evaluator._gather_role_policies": ["role_name", "account_id"],
        "core.iam_evaluator._permissions_boundary": ["store", "name", "account_id"],
        "services.s3._bucket_encryption": None,
        "services.kms._resolve_key": ["key_id_or_arn"],
        "services.sqs._queue_by_arn": ["arn"],
        "services.sns._topics": None,
        "services.cloudwatch_logs._log_groups": None,
        "services.secretsmanager._secrets": None,
    },
    "recording and s3a": {
        "app.app": ["scope", "receive", "send"],
        "app.call_service_handler_sync": ["handler", "method", "path", "headers", "body", "query_params", "timeout"],
        "app._routing_params": ["method", "path", "headers", "body", "query_params"],
        "core.router.detect_service": ["method", "path", "headers", "query_params"],
        "core.router.extract_access_key_id": ["headers", "query_params"],
        "core.iam_actions.extract_iam_action": ["service", "method", "path", "headers", "body", "query_params"],
        "core.iam_actions.s3_additional_checks": ["method", "path", "headers", "body", "query_params"],
        "services.sts._sessions": None,
    },
    "step_functions": {
        "services.stepfunctions._SERVICE_DISPATCH": None,
        "services.stepfunctions._AWS_SDK_SERVICE_MAP": None,
        "services.stepfunctions._AWS_SDK_ERROR_PREFIX": None,
        "services.stepfunctions._state_machines": None,
        "services.stepfunctions._execute_task": ["state_def", "raw_input", "execution", "ctx"],
        "services.stepfunctions._prefix_sdk_error": ["service_name", "error_code"],
        "services.stepfunctions._dispatch_aws_sdk_json": ["service_info", "service_name", "action", "input_data"],
        "services.stepfunctions._dispatch_aws_sdk_query": ["service_info", "service_name", "action", "input_data"],
        "services.stepfunctions._ExecutionError": ["error", "cause"],
    },
    "scheduler": {"services.eventbridge._invoke_target": ["target", "event", "rule", "view"]},
    "jobs": {
        "services.glue._start_job_run": ["data"],
        "services.glue._batch_stop_job_run": ["data"],
        "services.glue._create_job": ["data"],
        "services.glue._update_job": ["data"],
        "services.glue._arn": ["resource_type", "name"],
        "services.glue._jobs": None,
        "services.glue._job_runs": None,
        "services.glue._tags": None,
    },
    "lambda": {
        "core.lambda_runtime._detect_runtime_binary": ["runtime"],
        "core.lambda_runtime._PYTHON_WORKER_SCRIPT": None,
        "core.lambda_runtime.Worker": ["func_name", "config", "code_zip"],
        "services.lambda_svc._run_sqs_batch": ["esm", "func_rec", "event", "batch", "queue_url", "queue_name"],
        "services.sqs._queues": None,
    },
    "crawlers": {
        "services.glue._start_crawler": ["data"],
        "services.glue._stop_crawler": ["data"],
        "services.glue._update_crawler": ["data"],
        "services.glue._delete_crawler": ["data"],
        "services.glue._get_crawler_metrics": ["data"],
        "services.glue._crawlers": None,
    },
    "athena": {
        "services.athena.handle_request": ["method", "path", "headers", "body", "query_params"],
        "services.athena._ensure_default_workgroup": [],
        "services.athena._execution_out": ["ex"],
        "services.athena._parse_ddl": ["query"],
        "services.athena._create_table_input": ["ddl"],
        "services.athena._workgroups": None,
        "services.glue._create_table": ["data"],
        "services.glue._tables": None,
        "core.iam_evaluator._signed_request": None,
        "core.iam_evaluator._verified_key": None,
        "app.extract_access_key_id": ["headers", "query_params"],
        "app.pin_signed_request": ["method", "raw_path", "query_params", "raw_headers", "handshake"],
    },
}  # fmt: skip
LOOK = """\
import importlib, inspect, json, sys
from importlib.metadata import version
seen = {"version": version("ministack")}
for name in json.loads(sys.argv[1]):
    module, _, attribute = name.rpartition(".")
    value = getattr(importlib.import_module(f"ministack.{module}"), attribute, "absent")
    called = inspect.isfunction(value) or inspect.isclass(value)
    seen[name] = list(inspect.signature(value).parameters) if called else value if value == "absent" else None
print(json.dumps(seen))
"""

LOAD = """\
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(sorted(name for name in sys.modules if name in ("headgate", "pyspark", "boto3")))
"""


@pytest.fixture(scope="module")
def emulator() -> dict[str, object]:
    names = json.dumps([name for seams in SEAMS.values() for name in seams])
    done = subprocess.run([ministack(), "-c", LOOK, names], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_the_emulator_is_the_version_that_the_adapters_were_written_for(emulator: dict[str, object]) -> None:
    assert emulator["version"] == VERSION


@pytest.mark.parametrize("adapter", SEAMS)
def test_the_emulator_has_what_an_adapter_uses(adapter: str, emulator: dict[str, object]) -> None:
    assert {name: emulator[name] for name in SEAMS[adapter]} == SEAMS[adapter]


def test_the_names_that_the_adapters_replace_are_looked_up_when_they_are_called() -> None:
    """A handler that was bound at import would make the replacement of a name useless."""
    code = (
        "import inspect; from ministack.services import glue, stepfunctions, scheduler;"
        "assert '\"StartJobRun\": _start_job_run' in inspect.getsource(glue._handle_request_sync);"
        "assert '_execute_task' in inspect.getsource(stepfunctions._run_execution);"
        "assert '_eb._invoke_target(' in inspect.getsource(scheduler._tick_schedules)"
    )
    subprocess.run([ministack(), "-c", code], check=True)


def test_the_emulator_still_gives_tables_the_description_that_the_athena_adapter_drops() -> None:
    code = (
        "import json\nfrom ministack.services import glue\nglue._create_database({'DatabaseInput': {'Name': 'd'}})\n"
        "glue._create_table({'DatabaseName': 'd', 'TableInput': {'Name': 't'}})\n"
        "print(repr(glue._tables['d/t'].get('Description')))"
    )
    done = subprocess.run([ministack(), "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "''"


def test_the_adapters_load_in_the_emulators_python_without_the_product_boto3_and_spark() -> None:
    names = ["rehearsal.aws.server", *ADAPTERS, "rehearsal.aws.athena.service"]
    env = {"PYTHONPATH": str(needs.ROOT)}
    done = subprocess.run([ministack(), "-c", LOAD, *names], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
