"""Who may do what with a lake, and who may not: the policies of a whole plan, asked by AWS's rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from iam import Request, Statement, allows, covers, listed
from mocked_plan import TERRAFORM, Plan, Refused, Workspace

from headgate.lake import paths

pytestmark = pytest.mark.needs("terraform")

ACCOUNT = "123456789012"
KEY = "module.storage.aws_kms_key.lake[0]"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123"
USES = ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:DescribeKey")  # S3, SQS, SNS and logs need these


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/test-boundary"
DEPLOYING = ("module.access.aws_iam_role.github[0]", "module.access.aws_iam_role.planner[0]")
WRITES = ("iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary",
          "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy",
          "iam:PassRole")  # fmt: skip


def statements_of(plan: Plan, address: str, attribute: str = "policy") -> list[Statement]:
    """The statements of one policy of the plan."""
    return json.loads(plan.values[address][attribute])["Statement"]


@pytest.mark.parametrize(
    "caller", [ADMINISTRATOR, f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:user/admin"]
)
@pytest.mark.parametrize("action", USES)
def test_the_key_leaves_the_choice_of_its_users_to_iam(lake: Plan, caller: str, action: str) -> None:
    key = [s for s in statements_of(lake, KEY) if s["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}]
    assert allows(key, Request(action, "*", {"aws:PrincipalArn": caller}))


def test_the_key_names_no_caller_of_another_account(lake: Plan) -> None:
    named = [principal for s in statements_of(lake, KEY) for principal in _principals(s, "AWS")]
    assert set(named) == {f"arn:aws:iam::{ACCOUNT}:root"}


def test_a_service_uses_the_key_for_this_account_and_this_lake_only(lake: Plan) -> None:
    services = [s for s in statements_of(lake, KEY) if _principals(s, "Service")]
    group = "arn:aws:logs:eu-west-1:{}:log-group:{}".format
    ours, theirs = (
        {"aws:SourceAccount": account, "kms:EncryptionContext:aws:logs:arn": group(account, name)}
        for account, name in ((ACCOUNT, "/test/glue/output"), ("210987654321", "/other/glue/output"))
    )
    for statement in services:
        assert allows([statement], Request("kms:GenerateDataKey", "*", ours)), statement["Sid"]
        assert not allows([statement], Request("kms:GenerateDataKey", "*", theirs)), statement["Sid"]


def _principals(statement: Statement, kind: str) -> list[str]:
    """Of a statement that allows something, the principals of a kind."""
    value: Any = statement["Principal"].get(kind, []) if statement["Effect"] == "Allow" else []
    return [value] if isinstance(value, str) else list(value)


def deployers(plan: Plan) -> list[Statement]:
    """Everything that the deployer's policies say."""
    policies = [address for address in plan.values if address.startswith("module.access.aws_iam_policy.deploy")]
    assert len(policies) == 3
    return [statement for address in policies for statement in statements_of(plan, address)]


def roles_of(plan: Plan) -> dict[str, dict[str, Any]]:
    """The lake's roles without those that deploy."""
    return {address: dict(role) for address, role in plan.of_type("aws_iam_role").items() if address not in DEPLOYING}


def test_every_working_role_has_the_boundary(lake: Plan) -> None:
    assert {role["permissions_boundary"] for role in roles_of(lake).values()} == {BOUNDARY}
    assert len(roles_of(lake)) >= 14


def test_the_boundary_allows_everything_that_roles_need(lake: Plan) -> None:
    boundary = statements_of(lake, "module.boundary[0].aws_iam_policy.boundary")
    planner = "module.access.aws_iam_role_policy.planner[0]"
    policies = [address for address in lake.of_type("aws_iam_role_policy") if address != planner]
    needed = {need for address in policies for statement in statements_of(lake, address) for need in _pairs(statement)}
    beyond = {
        f"{action} on {resource}"
        for action, resource in needed
        if not any(_includes(statement, action, resource) for statement in boundary)
    }
    assert not beyond, "modules/boundary/boundary.tf cuts off:\n" + "\n".join(sorted(beyond))


def test_the_boundary_has_nothing_that_no_role_needs(lake: Plan) -> None:
    boundary = statements_of(lake, "module.boundary[0].aws_iam_policy.boundary")
    planner = "module.access.aws_iam_role_policy.planner[0]"
    policies = [address for address in lake.of_type("aws_iam_role_policy") if address != planner]
    granted = {
        action for address in policies for statement in statements_of(lake, address) for action in statement["Action"]
    }
    assert {action for statement in boundary for action in statement["Action"]} <= granted


def _pairs(statement: Statement) -> Iterator[tuple[str, str]]:
    """Each action of a statement with each of its resources of the action's service."""
    yield from (pair for pair in product(statement["Action"], listed(statement["Resource"])) if _belong(*pair))


def _belong(action: str, resource: str) -> bool:
    """Whether the resource may be one of the action's: some statements list actions of several services."""
    return resource == "*" or resource.split(":")[2] == action.partition(":")[0]


def _includes(statement: Statement, action: str, pattern: str) -> bool:
    """Whether the statement allows the action on everything that the pattern matches; its wildcards count as names."""
    values = {"iam:PassedToService": "scheduler.amazonaws.com"}
    return statement["Effect"] == "Allow" and covers(statement, Request(action, pattern, values))


@pytest.mark.parametrize("name", ["test-job-orders", "test-analyst", "test-start-late", "test-pipeline"])
def test_a_deployer_writes_a_role_of_the_lake_only_with_the_boundary(lake: Plan, name: str) -> None:
    role, others = f"arn:aws:iam::{ACCOUNT}:role/{name}", "arn:aws:iam::aws:policy/AdministratorAccess"
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy"):
        assert allows(deployers(lake), Request(action, role, {"iam:PermissionsBoundary": BOUNDARY})), action
        assert not allows(deployers(lake), Request(action, role, {"iam:PermissionsBoundary": others})), action
        assert not allows(deployers(lake), Request(action, role)), action


@pytest.mark.parametrize("action", ["iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary",
                                    "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicy", "iam:CreatePolicyVersion",
                                    "iam:SetDefaultPolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion",
                                    "iam:CreateUser", "iam:CreateAccessKey",
                                    "iam:CreateOpenIDConnectProvider", "iam:DeleteOpenIDConnectProvider"])  # fmt: skip
def test_a_deployer_neither_removes_a_boundary_nor_writes_a_managed_policy(lake: Plan, action: str) -> None:
    assert [statement for statement in deployers(lake) if action in statement["Action"]] == []


@pytest.mark.parametrize("name", ["test-github", "test-github-plan", "test", "other-admin", "prod/test-job-orders"])
@pytest.mark.parametrize("action", WRITES)
def test_a_deployer_writes_neither_its_own_roles_nor_those_of_others(lake: Plan, name: str, action: str) -> None:
    values = {"iam:PermissionsBoundary": BOUNDARY, "iam:PassedToService": "glue.amazonaws.com"}
    assert not allows(deployers(lake), Request(action, f"arn:aws:iam::{ACCOUNT}:role/{name}", values))


def test_a_deployer_may_write_every_role_that_is_not_its_own(lake: Plan) -> None:
    values = {"iam:PermissionsBoundary": BOUNDARY, "iam:PassedToService": "glue.amazonaws.com"}
    roles = [f"arn:aws:iam::{ACCOUNT}:role/{role['name']}" for role in roles_of(lake).values()]
    for role, action in product(
        roles, ("iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole")
    ):
        assert allows(deployers(lake), Request(action, role, values)), f"{action} on {role}"


REQUIRED = {
    "permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/required",
    "role_path": "/data/",
    "role_prefix": "app-",
}


@pytest.fixture(scope="module")
def required(workspace: Workspace, settings: dict[str, object]) -> Plan:
    """The lake in an organisation that requires a boundary, a path and a naming scheme."""
    return workspace.plan(**{**settings, **REQUIRED})


def test_an_organisation_may_require_boundary_path_and_names(required: Plan) -> None:
    for address, role in required.of_type("aws_iam_role").items():
        assert role["permissions_boundary"] == REQUIRED["permissions_boundary"], address
        assert (role["path"], role["name"][:9]) == ("/data/", "app-test-"), address
    for address, policy in required.of_type("aws_iam_policy").items():
        assert (policy["path"], policy["name"][:9]) == ("/data/", "app-test-"), address


def test_every_role_that_is_named_has_path_and_prefix(required: Plan) -> None:
    text = json.dumps([dict(values) for values in required.values.values()])
    assert ":role/data/app-test-" in text
    assert ":role/test-" not in text and ":role/app-" not in text and ":role/data/test-" not in text


def test_a_deployer_of_such_an_organisation_deploys_with_its_boundary(required: Plan) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/data/app-test-job-orders"
    theirs = {"iam:PermissionsBoundary": REQUIRED["permissions_boundary"]}
    assert allows(deployers(required), Request("iam:PutRolePolicy", role, theirs))
    assert not allows(deployers(required), Request("iam:PutRolePolicy", role, {"iam:PermissionsBoundary": BOUNDARY}))


@pytest.mark.parametrize(
    ("variable", "value"), [("permissions_boundary", "required"), ("role_path", "data"), ("role_prefix", "app ")]
)
def test_what_iam_would_not_accept_is_refused(
    workspace: Workspace, settings: dict[str, object], variable: str, value: str
) -> None:
    with pytest.raises(Refused, match=f"{variable} `{value}`"):
        workspace.plan(**{**settings, variable: value})


@pytest.mark.parametrize("person", ["analyst", "engineer", "operator"])
def test_no_person_starts_a_job_with_arguments_of_their_own(lake: Plan, person: str) -> None:
    statements = statements_of(lake, f'module.access.aws_iam_role_policy.person["{person}"]')
    assert [statement for statement in statements if "glue:StartJobRun" in statement["Action"]] == []


@pytest.mark.parametrize("person", ["engineer", "operator"])
def test_engineers_and_operators_start_jobs_through_the_machine(lake: Plan, person: str) -> None:
    statements = statements_of(lake, f'module.access.aws_iam_role_policy.person["{person}"]')
    machine = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:test-run-job"
    assert allows(statements, Request("states:StartExecution", machine))


CODE_PLACE_AND_KEYS = {"--additional-python-modules", "--python-modules-installer-option", "--project", "--source",
                       "--lake", "--reports", "--catalog", "--database", "--prefix", "--dataset", "--TempDir",
                       "--spark-event-logs-path", "--custom-logGroup-prefix", "--datalake-formats",
                       "--job-language"}  # fmt: skip


def test_no_run_of_a_job_replaces_its_code_its_place_or_its_keys(lake: Plan) -> None:
    for address, job in lake.of_type("aws_glue_job").items():
        masked = {"--masking_keys"} if '"customers"' in address else set[str]()
        assert set(job["non_overridable_arguments"]) == CODE_PLACE_AND_KEYS | masked, address
        assert not set(job["default_arguments"]) & set(job["non_overridable_arguments"]), address


BROWSING = ("athena:GetDataCatalog", "athena:GetDatabase", "athena:GetTableMetadata", "athena:ListDatabases",
            "athena:ListTableMetadata")  # fmt: skip


@pytest.mark.parametrize("person", ["analyst", "engineer"])
def test_whoever_queries_may_do_what_the_console_and_the_drivers_call(lake: Plan, person: str) -> None:
    statements = statements_of(lake, f'module.access.aws_iam_role_policy.person["{person}"]')
    here = f"arn:aws:athena:eu-west-1:{ACCOUNT}"
    for action in BROWSING:
        assert allows(statements, Request(action, f"{here}:datacatalog/AwsDataCatalog")), action
        assert not allows(statements, Request(action, f"{here}:datacatalog/other")), action
    for action in ("athena:ListDataCatalogs", "athena:ListEngineVersions", "athena:ListWorkGroups"):
        assert allows(statements, Request(action, "*")), action


RESULTS = f"arn:aws:s3:::test-athena-results-{ACCOUNT}-eu-west-1"
ANN, BEN = ({"aws:userid": f"AROA0123456789ABCDEF:{name}"} for name in ("ann", "ben"))


def person(plan: Plan, name: str) -> list[Statement]:
    """What a person's role may do."""
    return statements_of(plan, f'module.access.aws_iam_role_policy.person["{name}"]')


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
def test_an_analyst_reaches_only_results_of_their_own(lake: Plan, action: str) -> None:
    own = f"{RESULTS}/analysts/{ANN['aws:userid']}/result.csv"
    assert allows(person(lake, "analyst"), Request(action, own, ANN))
    assert not allows(person(lake, "analyst"), Request(action, own, BEN))
    for other in ("result.csv", "analysts/result.csv", "engineers/result.csv", "etl/result.csv"):
        assert not allows(person(lake, "analyst"), Request(action, f"{RESULTS}/{other}", ANN)), other


def test_an_analyst_lists_only_results_of_their_own(lake: Plan) -> None:
    for prefix, may in (
        (f"analysts/{ANN['aws:userid']}/", True),
        ("analysts/", False),
        ("", False),
        ("engineers/", False),
    ):
        assert (
            allows(person(lake, "analyst"), Request("s3:ListBucket", RESULTS, {**ANN, "s3:prefix": prefix})) == may
        ), prefix
    assert not allows(person(lake, "analyst"), Request("s3:ListBucket", RESULTS, ANN))


def test_no_two_roles_that_query_share_a_workgroup_or_a_folder(lake: Plan) -> None:
    groups = {group["name"]: group["configuration"][0] for group in lake.of_type("aws_athena_workgroup").values()}
    places = {name: settings["result_configuration"][0]["output_location"] for name, settings in groups.items()}
    at = f"s3://test-athena-results-{ACCOUNT}-eu-west-1"
    assert places == {"test": None, "test-engineers": f"{at}/engineers/", "test-etl": f"{at}/etl/"}
    assert groups["test-engineers"]["enforce_workgroup_configuration"]
    group = f"arn:aws:athena:eu-west-1:{ACCOUNT}:workgroup".__add__
    for name, own in (("analyst", "test"), ("engineer", "test-engineers")):
        may = {g for g in groups if allows(person(lake, name), Request("athena:StartQueryExecution", group(f"/{g}")))}
        assert may == {own}, name


# Object, and the roles for people that may read it.
READERS = {
    "warehouse/data-warehouse/orders/part.parquet": {"analyst", "engineer"},
    "warehouse/quarantine/orders/part.parquet": {"engineer"},
    "warehouse/ledger/orders/run.json": {"engineer"},
    "warehouse/_work/run/orders/part.parquet": set[str](),
    "warehouse/_temp/orders/file": set[str](),
    "staging/staging/orders/file.csv": {"engineer"},
    "reports/runs/run/report.html": {"engineer"},
    "reports/runs/run/run.json": {"engineer"},
    "reports/counts/run/report.html": {"analyst", "engineer", "operator"},
    "reports/latest/orders/report.html": {"analyst", "engineer", "operator"},
    "reports/spark-ui/orders/log": {"engineer"},
    "athena-etl/visits_by_month/part.parquet": {"analyst", "engineer"},
    "athena-results/engineers/result.csv": {"engineer"},
    "athena-results/etl/result.csv": set[str](),
}


@pytest.mark.parametrize("place", READERS)
def test_every_object_has_its_readers_and_no_others(lake: Plan, place: str) -> None:
    bucket, _, key = place.partition("/")
    request = Request("s3:GetObject", f"arn:aws:s3:::test-{bucket}-{ACCOUNT}-eu-west-1/{key}", ANN)
    assert {name for name in ("analyst", "engineer", "operator") if allows(person(lake, name), request)} == READERS[
        place
    ]


def test_people_write_raw_files_and_results_and_nothing_else(lake: Plan) -> None:
    written = {
        resource
        for name in ("analyst", "engineer", "operator")
        for statement in person(lake, name)
        if {"s3:PutObject", "s3:DeleteObject"} & set(statement["Action"])
        for resource in statement["Resource"]
    }
    staging = f"arn:aws:s3:::test-staging-{ACCOUNT}-eu-west-1"
    assert written == {
        f"{staging}/staging/*",
        f"{staging}/incoming/*",
        f"{RESULTS}/engineers/*",
        f"{RESULTS}/analysts/${{aws:userid}}/*",
    }


def test_a_mail_has_counts_and_links_and_no_text_of_an_error(lake: Plan) -> None:
    for machine in lake.of_type("aws_sfn_state_machine").values():
        for name, state in json.loads(machine["definition"])["States"].items():
            if state.get("Resource", "").endswith(":sns:publish"):
                sent = json.dumps(state["Arguments"])
                etl = "-etl-" in machine["name"]  # its cause is composed of counts: see the next test
                assert "errorOutput" not in sent and (etl or "cause" not in sent), f"{machine['name']}: {name}"


def test_the_cause_of_a_failed_etl_quotes_neither_athena_nor_a_value(lake: Plan) -> None:
    [machine] = [m for m in lake.of_type("aws_sfn_state_machine").values() if "-etl-" in m["name"]]
    causes = [
        assigned["cause"]
        for state in json.loads(machine["definition"])["States"].values()
        for assigned in [state.get("Assign", {}), *(catch.get("Assign", {}) for catch in state.get("Catch", ()))]
        if "cause" in assigned
    ]
    assert len(causes) > 4
    assert [cause for cause in causes if "errorOutput.Cause" in cause] == []
    assert all("'no number'" in cause for cause in causes if "found" in cause)


STATE = f"arn:aws:s3:::headgate-state-{ACCOUNT}-eu-west-1"


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
def test_a_deployer_reaches_only_the_state_of_its_own_lake(lake: Plan, action: str) -> None:
    planner = statements_of(lake, "module.access.aws_iam_role_policy.planner[0]")
    assert allows(deployers(lake), Request(action, f"{STATE}/test/test.tfstate"))
    assert allows(planner, Request(action, f"{STATE}/test/test.tfstate")) == (action == "s3:GetObject")
    for other in ("other/prod.tfstate", "test-prod/prod.tfstate", "test.tfstate"):
        assert not allows([*deployers(lake), *planner], Request(action, f"{STATE}/{other}")), other


def test_the_state_lies_under_the_key_of_its_bucket() -> None:
    backend = (TERRAFORM / "backend.tf").read_text(encoding="utf-8")
    settings = re.sub(r"#.*", "", backend)
    assert "encrypt" not in settings, "`encrypt` without a key asks S3 for its own key instead of the bucket's"


def test_a_deployer_touches_no_role_of_a_lake_whose_name_begins_with_its_own(lake: Plan) -> None:
    values = {"iam:PermissionsBoundary": BOUNDARY, "iam:PassedToService": "glue.amazonaws.com"}
    for action in (*WRITES, "iam:TagRole", "iam:GetRole"):
        for name in ("test-prod-job-orders", "test-prod-engineer", "test-prod-github"):
            request = Request(action, f"arn:aws:iam::{ACCOUNT}:role/{name}", values)
            assert not allows(deployers(lake), request), f"{action} on {name}"


KEY_OF_EMAIL = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:test/masking/email-a1b2c3"
KEY_OF_PHONE = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:test/masking/phone-a1b2c3"


def test_a_masking_key_is_read_by_the_jobs_of_its_domain_and_by_nobody_else(lake: Plan) -> None:
    policies = {address: statements_of(lake, address) for address in lake.of_type("aws_iam_role_policy")}
    readers = {a for a, s in policies.items() if allows(s, Request("secretsmanager:GetSecretValue", KEY_OF_EMAIL))}
    assert readers == {'module.jobs.aws_iam_role_policy.job["customers"]'}
    others = [a for a, s in policies.items() if allows(s, Request("secretsmanager:GetSecretValue", KEY_OF_PHONE))]
    assert others == []


def test_a_deployer_makes_secrets_and_neither_reads_nor_writes_a_key(lake: Plan) -> None:
    assert allows(deployers(lake), Request("secretsmanager:CreateSecret", KEY_OF_EMAIL))
    for action in ("GetSecretValue", "PutSecretValue", "UpdateSecret", "PutResourcePolicy", "DeleteSecret"):
        assert not allows(deployers(lake), Request(f"secretsmanager:{action}", KEY_OF_EMAIL)), action


def test_a_secret_is_made_empty_under_the_lake_s_key_and_outlives_its_deletion_by_a_month(lake: Plan) -> None:
    [secret] = lake.of_type("aws_secretsmanager_secret").values()
    assert (secret["name"], secret["recovery_window_in_days"]) == ("test/masking/email", 30)
    assert lake.of_type("aws_secretsmanager_secret_version") == {}


@pytest.mark.parametrize("dataset", ["orders", "customers", "revenue", "visits"])
def test_a_job_adds_reports_and_replaces_none(lake: Plan, dataset: str) -> None:
    job = statements_of(lake, f'module.jobs.aws_iam_role_policy.job["{dataset}"]')
    bucket = f"arn:aws:s3:::test-reports-{ACCOUNT}-eu-west-1"
    for key in (paths.record_file("r1"), paths.report_file("r1"), paths.counts_file("r1")):
        assert allows(job, Request("s3:PutObject", f"{bucket}/{key}", {"s3:if-none-match": "*"})), key
        assert not allows(job, Request("s3:PutObject", f"{bucket}/{key}")), key
        assert not allows(job, Request("s3:DeleteObject", f"{bucket}/{key}")), key
    shown = f"{bucket}/{paths.latest_report(dataset)}"
    assert not allows(job, Request("s3:PutObject", shown, {"s3:if-none-match": "*"}))


RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/test-arrivals"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{{}}".format


def test_of_machines_only_route_arrivals_puts_a_hint_into_a_queue_and_of_people_an_operator(lake: Plan) -> None:
    policies = lake.of_type("aws_iam_role_policy")
    hint = Request("sqs:SendMessage", QUEUE("test-arrivals-orders"))
    senders = {address for address in policies if allows(statements_of(lake, address), hint)}
    assert senders == {
        "module.pipeline.aws_iam_role_policy.route", 'module.access.aws_iam_role_policy.person["operator"]',
    }  # fmt: skip


@pytest.mark.parametrize("queue", ["test-incoming", "test-incoming-dead", "other-arrivals-orders", "test"])
def test_route_arrivals_sends_into_no_other_queue(lake: Plan, queue: str) -> None:
    route = statements_of(lake, "module.pipeline.aws_iam_role_policy.route")
    assert not allows(route, Request("sqs:SendMessage", QUEUE(queue)))
    for action in ("sqs:ReceiveMessage", "sqs:PurgeQueue", "sqs:DeleteMessage"):
        assert not allows(route, Request(action, QUEUE("test-arrivals-orders")))


@pytest.mark.parametrize("rule", [RULE, RULE.replace("arrivals", "arrival-orders"), RULE.replace("test", "other")])
def test_no_rule_puts_a_message_into_the_queue_of_a_dataset(lake: Plan, rule: str) -> None:
    queue = 'module.pipeline.aws_sqs_queue.arrivals["orders"]'
    asked = Request(
        "sqs:SendMessage", QUEUE("test-arrivals-orders"), {"aws:SourceArn": rule, "aws:SecureTransport": "true"}
    )
    assert not allows(statements_of(lake, queue), asked)


def test_the_rule_of_arrivals_starts_one_machine_and_gives_up_into_one_queue(lake: Plan) -> None:
    start = statements_of(lake, "module.pipeline.aws_iam_role_policy.arrival")
    machine = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:test-{{}}".format
    assert allows(start, Request("states:StartExecution", machine("route-arrivals")))
    for other in ("orders", "run-job", "admit"):
        assert not allows(start, Request("states:StartExecution", machine(other))), other
    undelivered = statements_of(lake, "module.pipeline.aws_sqs_queue.undelivered")
    for rule, allowed in (
        (RULE, True),
        (RULE.replace("arrivals", "arrival-orders"), False),
        (RULE.replace("test", "other"), False),
    ):
        asked = Request(
            "sqs:SendMessage", QUEUE("test-undelivered"), {"aws:SourceArn": rule, "aws:SecureTransport": "true"}
        )
        assert allows(undelivered, asked) is allowed, rule
