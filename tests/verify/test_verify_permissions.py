"""The role of `make verify`: the policy that Terraform creates allows every call of the probes and no other action."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from calls import Call
from mocked_plan import Workspace
from permissions import Need, needs
from policies import actions, allowed
from verify_account import Account
from verify_crawls import WEEKLY
from verify_names import ARTIFACTS, KEY, LAKE, NUMBER, REGION, REPORTS, RESULTS, STAGING, WAREHOUSE

from headgate.verify.created import Created
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.probes import PROBES
from headgate.verify.probes.glue_trust import trust_policy
from headgate.verify.runner import chosen, verify

pytestmark = pytest.mark.needs("terraform", "parliament")

ARTIFACTS_KEY = KEY.replace("of-the-lake", "of-releases")
BUCKETS = {"staging": STAGING, "warehouse": WAREHOUSE, "reports": REPORTS, "athena_results": RESULTS,
           "athena_etl": "river-etl", "artifacts": ARTIFACTS, "state": "river-state"}  # fmt: skip
KEYS = {bucket: KEY for bucket in BUCKETS.values()} | {ARTIFACTS: ARTIFACTS_KEY, f"alias/{LAKE}": KEY}
NAMES = {"stepfunctions": "states"}  # a service's name in botocore: in a request's signature
# Actions that services use on behalf of the caller: Athena on the catalog and on the bucket of its results.
ON_BEHALF_OF_THE_CALLER = {"glue:GetDatabase", "s3:GetBucketLocation"}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, terraform_env: dict[str, str]) -> Callable[[str], Any]:
    """A value of modules/access for the tests' account."""
    given = {
        "site": {
            "name": LAKE,
            "partition": "aws",
            "region": REGION,
            "account_id": NUMBER,
            "roles": {"boundary": f"arn:aws:iam::{NUMBER}:policy/{LAKE}-boundary"},
        },
        "deployer_boundary": None,
        "buckets": BUCKETS,
        "kms_key_arns": {"lake": KEY, "artifacts": ARTIFACTS_KEY},
        "databases": {"warehouse": "db", "staging": "staging_db", "etl": "etl_db"},
        "trusted_principals": {},
    }
    plain = {"workgroup": LAKE, "prefix": "tbl_", "verify": "true", "github_repository": "",
             "github_environment": "dev"}  # fmt: skip
    workspace = Workspace(tmp_path_factory.mktemp("access"), terraform_env)
    values = {name: json.dumps(value) for name, value in given.items()} | plain
    return lambda name: workspace.console(name, "modules/access", **values)


@pytest.fixture(scope="module")
def statements(console: Callable[[str], Any]) -> list[dict[str, Any]]:
    """The verifier's policy."""
    return console("local._verify")


@pytest.fixture(scope="module")
def people(console: Callable[[str], Any]) -> dict[str, list[dict[str, Any]]]:
    """The policies of people."""
    return console("local._query")


def test_the_trust_that_a_probe_expects_is_terraforms(tmp_path: Path, terraform_env: dict[str, str]) -> None:
    site = {"name": LAKE, "partition": "aws", "region": REGION, "account_id": NUMBER}
    trust = Workspace(tmp_path, terraform_env).console("local._trust", "modules/policies", site=json.dumps(site))
    assert json.loads(trust["services"]["glue"]) == trust_policy(NUMBER)


@pytest.fixture
def needed(account: Account, lake: ProbedLake) -> list[Need]:
    """The rights that are needed when all probes run, are interrupted, or leave something to be stopped."""
    account.wrong("DescribeExecution", _interrupted_once())
    verify(lake, list(PROBES.values()))
    account.wrong("DescribeExecution", lambda _, usual: usual)
    account.rows.clear()
    lake = replace(lake, created=Created(lake.clock.now()), token="def", _made={})
    statuses = {probe.probe: probe.status for probe in verify(lake, list(PROBES.values())).probes}
    assert set(statuses.values()) == {"passed"}, statuses
    account.queries["q-new"] = ("SELECT 1", account.time.at + timedelta(days=1))
    lake.created.queries.append("q-new")  # a query that has not ended
    account.crawling[WEEKLY], lake.created.crawler = account.time.at, WEEKLY  # nor has the crawl
    verify(lake, [])
    return [need for call in _calls(account, lake) for need in needs(call, KEYS)]


def _interrupted_once() -> Callable[[Any, Any], Any]:
    asked = list[Any]()

    def change(params: Any, usual: Any) -> Any:
        asked.append(params)
        if len(asked) == 9:
            raise KeyboardInterrupt
        return usual

    return change


def _calls(account: Account, lake: ProbedLake) -> Iterator[Call]:
    """Yield each call; removing several objects counts as one call per object, as S3 authorises it."""
    for operation, params in account.asked:
        client = next(
            client for client in vars(lake.aws).values() if operation in client.meta.service_model.operation_names
        )
        service = NAMES.get(client.meta.service_model.service_name, client.meta.service_model.service_name)
        if operation == "DeleteObjects":
            for deleted in params["Delete"]["Objects"]:
                yield Call("", service, REGION, "DeleteObject", {"Bucket": params["Bucket"], **deleted}, {}, NUMBER)
        else:
            yield Call("", service, REGION, operation, params, {}, NUMBER)


def test_the_policy_allows_every_call_of_the_probes(needed: list[Need], statements: list[dict[str, Any]]) -> None:
    assert len({need.action for need in needed}) > 20
    refused = sorted({str(need) for need in needed if not allowed(need, statements)})
    assert not refused, "modules/access/verifier.tf does not allow:\n" + "\n".join(refused)


def test_the_policy_allows_no_action_that_no_probe_needs(needed: list[Need], statements: list[dict[str, Any]]) -> None:
    assert actions(statements) - {need.action for need in needed} == ON_BEHALF_OF_THE_CALLER


def test_the_policy_of_analysts_allows_what_the_probe_expects_and_refuses_the_rest(
    account: Account, lake: ProbedLake, people: dict[str, list[dict[str, Any]]]
) -> None:
    verify(lake, chosen(["analyst"]))
    allowed_calls, refused_calls = 0, 0
    for service, operation, params, refused, user in account.analyst_calls:
        if service == "athena" and "QueryExecutionId" in params:
            params = {**params, "WorkGroup": account.groups[params["QueryExecutionId"]]}
        mine = json.loads(json.dumps(people["analyst"]).replace("${aws:userid}", user))
        for need in needs(Call("", service, REGION, operation, params, {}, NUMBER), KEYS):
            if refused and need.action.startswith("kms:"):
                continue  # the key is not what refuses
            assert allowed(need, mine) is not refused, f"{need} ({operation}): refused {refused}"
            allowed_calls, refused_calls = allowed_calls + (not refused), refused_calls + refused
    assert (allowed_calls > 20, refused_calls) == (True, 7)


@pytest.mark.parametrize(
    "need",
    [
        Need("glue:StartJobRun", f"arn:aws:glue:{REGION}:{NUMBER}:job/river-refine-orders"),
        Need("s3:DeleteObject", f"arn:aws:s3:::{WAREHOUSE}/data-warehouse/orders/data/a.parquet"),
        Need("s3:GetObject", f"arn:aws:s3:::{STAGING}/staging/orders/a.csv"),
        Need("glue:DeleteTable", f"arn:aws:glue:{REGION}:{NUMBER}:table/db/tbl_orders"),
        Need("sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{NUMBER}:river-arrivals-orders"),
        Need("glue:UpdateTable", f"arn:aws:glue:{REGION}:{NUMBER}:table/db/tbl_orders"),
        Need("glue:DeleteTable", f"arn:aws:glue:{REGION}:{NUMBER}:table/staging_db/tbl_orders"),
        Need("glue:DeleteTable", f"arn:aws:glue:{REGION}:{NUMBER}:table/staging_db/tbl_verify_probe_documents_typed"),
        Need("glue:StartCrawler", f"arn:aws:glue:{REGION}:{NUMBER}:crawler/river-events"),
        Need("s3:PutObject", f"arn:aws:s3:::{STAGING}/incoming/orders/verify-1.json"),
        Need("s3:GetObject", f"arn:aws:s3:::{RESULTS}/analysts/AROA0000000000000000:somebody/q.csv"),
        Need("s3:DeleteObject", f"arn:aws:s3:::{RESULTS}/analysts/AROA0000000000000000:somebody/q.csv"),
        Need("sts:AssumeRole", f"arn:aws:iam::{NUMBER}:role/{LAKE}-engineer"),
        Need("cloudwatch:SetAlarmState", f"arn:aws:cloudwatch:{REGION}:{NUMBER}:alarm:{LAKE}-late"),
        Need("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{NUMBER}:secret:x"),
    ],
    ids=str,
)
def test_the_policy_allows_nothing_on_other_datasets(need: Need, statements: list[dict[str, Any]]) -> None:
    assert not allowed(need, statements)
