"""What Terraform reports when it refuses: it quotes file and value, and names the remedy."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from mocked_plan import LAKE, RELEASE_FILES, Refused, Workspace

pytestmark = pytest.mark.needs("terraform")

GOOD: dict[str, Any] = {
    "dataset": "orders",
    "domain": "shop",
    "owner": "shop-data@example.org",
    "description": "One row per order.",
    "columns": [{"name": "order_id", "type": "string"}],
}


def faults(workspace: Workspace, folder: Path) -> str:
    """The error of a plan of the contracts in `folder`, in one line."""
    done = workspace.run(
        "plan", "-no-color", "-input=false", f"-var=contracts_dir={folder}", f"-var=sql_dir={LAKE / 'sql'}",
        module="modules/contracts",
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    return " ".join(done.stderr.replace("│", " ").split())


def contract(folder: Path, name: str = "orders.yaml", **keys: Any) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump({**GOOD, **keys}))
    return folder


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"dataset": "order"}, "orders.yaml: dataset `order` is not the file's name `orders`."),
        ({"partition_by": ["months(ordered_at)"]}, "orders.yaml: partition_by `months(ordered_at)` names no column."),
        ({"partition_by": ["ordered_at"]}, "orders.yaml: partition_by `ordered_at` names no column."),
        ({"job": {"worker": "G.3X"}}, "orders.yaml: worker type `G.3X` is not known. Use G.1X, G.2X, G.4X, G.8X."),
        ({"job": {"worker": "G.8X", "execution": "flex"}}, "job.execution flex goes with G.1X or G.2X"),
        ({"job": {"workers": 1}}, "orders.yaml: job.workers `1` is not a number from 2 to 100."),
        ({"job": {"timeout": 5}}, "orders.yaml: `job.timeout` is not a key of a contract."),
        ({"jobs": {"workers": 4}}, "orders.yaml: `jobs` is not a key of a contract."),
        ({"schedule": {"refine": "hourly"}}, "orders.yaml: schedule.refine `hourly` is not known."),
        ({"schedule": {"crawler": "monthly"}}, "orders.yaml: schedule.crawler `monthly` is not known."),
        ({"write": {"format": "delta"}}, "orders.yaml: write.format `delta` is not known."),
        ({"source": {"path": "../secrets/"}}, "orders.yaml: source.path `../secrets/` leaves staging."),
        ({"source": {"query": "marts/nowhere.sql"}}, "orders.yaml: there is no query `marts/nowhere.sql`"),
        ({"owner": None}, "orders.yaml: `owner` is missing."),
        ({"job": {"timeout_min": 2881}}, "orders.yaml: job.timeout_min `2881` is not a number from 1 to 2880."),
        ({"job": {"workers": [2]}}, "orders.yaml: job.workers `[2]` is not a number from 2 to 100."),
        ({"schedule": {"freshness_hours": 0}}, "schedule.freshness_hours `0` is not a number of at least 1."),
        ({"retention": {"runs_days": "long"}}, "retention.runs_days `long` is not a number of at least 1."),
        ({"job": None}, "orders.yaml: `job` has no value. Give it one, or remove the key."),
        ({"schedule": {"refine": None}}, "orders.yaml: `schedule.refine` has no value."),
        ({"job": {"workers": None}}, "orders.yaml: `job.workers` has no value."),
    ],
)
def test_a_fault_is_named_with_file_and_value(
    workspace: Workspace, tmp_path: Path, keys: dict[str, Any], expected: str
) -> None:
    assert expected in faults(workspace, contract(tmp_path / "contracts", **keys))


def test_all_faults_of_all_contracts_are_reported_at_once(workspace: Workspace, tmp_path: Path) -> None:
    contract(tmp_path / "a", dataset="order")
    contract(tmp_path, "b/customers.yaml", dataset="customers", job={"worker": "G.3X"})
    error = faults(workspace, tmp_path)
    assert "`order`" in error and "`G.3X`" in error


def test_a_misspelt_folder_is_not_an_empty_lake(workspace: Workspace, tmp_path: Path) -> None:
    error = faults(workspace, tmp_path / "contract")
    assert f"{tmp_path / 'contract'}: contains no contract." in error


def test_two_contracts_of_one_dataset_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    contract(tmp_path / "a")
    contract(tmp_path / "b")
    assert "a/orders.yaml, b/orders.yaml: both are the contract of `orders`." in faults(workspace, tmp_path)


def test_broken_yaml_names_its_file(workspace: Workspace, tmp_path: Path) -> None:
    contract(tmp_path)
    (tmp_path / "broken.yaml").write_text("dataset: [orders\n")
    assert "broken.yaml: is not readable YAML, or not a mapping." in faults(workspace, tmp_path)


def test_other_files_are_not_contracts(workspace: Workspace, tmp_path: Path) -> None:
    contract(tmp_path)
    for name in ("_draft.yaml", ".hidden.yaml", "contract.schema.json", "README.md"):
        (tmp_path / name).write_text("not a contract")
    datasets = workspace.console(
        "keys(local.contracts)", "modules/contracts", contracts_dir=str(tmp_path), sql_dir=str(LAKE / "sql")
    )
    assert datasets == ["orders"]


def refusal(workspace: Workspace, settings: dict[str, object], **changed: Any) -> str:
    with pytest.raises(Refused) as refused:
        workspace.plan(**{**settings, **changed})
    return str(refused.value)


def test_another_account_is_named(workspace: Workspace, settings: dict[str, object]) -> None:
    error = refusal(workspace, settings, allowed_account_ids=["210987654321"])
    assert "account 123456789012" in error and "is only allowed in 210987654321" in error


def test_another_region_is_named(workspace: Workspace, settings: dict[str, object]) -> None:
    assert "Region `us-east-1` is not among" in refusal(workspace, settings, region="us-east-1")


def test_the_part_that_a_release_lacks_is_named(workspace: Workspace, settings: dict[str, object]) -> None:
    keys = [f"releases/0.1.0/{name}" for name in RELEASE_FILES if name != "wheelhouse.gluewheels.zip"]
    error = refusal(workspace, settings, files={"keys": keys})
    assert "lacks wheelhouse.gluewheels.zip" in error and "make release VERSION=0.1.0" in error


def test_contracts_that_were_not_released_are_refused(workspace: Workspace, settings: dict[str, object]) -> None:
    error = refusal(workspace, settings, files={"contracts_sha256": "0000"})
    assert "are not those of release 0.1.0 (0000)" in error


def test_names_that_become_too_long_are_quoted(workspace: Workspace, settings: dict[str, object]) -> None:
    error = refusal(workspace, settings, name="a-lake-whose-name-is-too-long-for-buckets-and-rules")
    assert "bucket `a-lake-whose-name-is-too-long-for-buckets-and-rules-warehouse-123456789012-eu-west-1`" in error
    assert "shop/best_customers.yaml: the role" in error


def test_a_contract_that_disappeared_stops_the_plan(workspace: Workspace, settings: dict[str, object]) -> None:
    error = refusal(workspace, settings, files={"known": ["lakes/test/datasets/forgotten"]})
    assert "describes `forgotten` any more" in error and "retired:" in error


def test_a_line_under_retired_allows_the_removal(
    workspace: Workspace, settings: dict[str, object], tmp_path: Path
) -> None:
    shutil.copytree(LAKE / "contracts", tmp_path / "contracts")
    (tmp_path / "contracts" / "_retired.yaml").write_text("retired: [forgotten]\n")
    files = {"known": ["lakes/test/datasets/forgotten"]}
    plan = workspace.plan(**{**settings, "contracts_dir": str(tmp_path / "contracts")}, files=files)
    assert len(plan.outputs["jobs"]) == 6


def test_the_refusal_shows_the_command_of_a_rollback(workspace: Workspace, settings: dict[str, object]) -> None:
    known = ["lakes/test/datasets/forgotten", "lakes/test/datasets/gone"]
    error = refusal(workspace, settings, files={"known": known})
    assert "`make rollback ENV=test VERSION=0.1.0 RETIRE=forgotten,gone`. Its data stays" in error


def test_a_rollback_retires_what_it_names(workspace: Workspace, settings: dict[str, object]) -> None:
    files = {"known": ["lakes/test/datasets/forgotten", "lakes/test/datasets/orders"]}
    plan = workspace.plan(**{**settings, "retire": ["forgotten"]}, files=files)
    assert len(plan.outputs["jobs"]) == 6


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", "`orders` has a contract, {folder}/shop/orders.yaml, and stays. Remove the name from RETIRE."),
        ("forgoten", "`forgoten` is not a dataset of test; without a contract are forgotten."),
    ],
)
def test_a_rollback_retires_nothing_else(
    workspace: Workspace, settings: dict[str, object], name: str, expected: str
) -> None:
    files = {"known": ["lakes/test/datasets/forgotten", "lakes/test/datasets/orders"]}
    error = refusal(workspace, settings, files=files, retire=["forgotten", name])
    assert expected.format(folder=LAKE / "contracts") in error


@pytest.fixture
def etl(workspace: Workspace, settings: dict[str, object], tmp_path: Path) -> Any:
    """Plan the lake of the other tests with one more query of the SQL ETL."""
    shutil.copytree(LAKE / "sql", tmp_path / "sql")

    def plan(query: str, check: str = "SELECT count(*) FROM {table} WHERE 1 = 0") -> None:
        (tmp_path / "sql" / "athena" / "people.sql").write_text(f"-- email in a comment\n{query}\n")
        (tmp_path / "sql" / "athena" / "people.checks.sql").write_text(check)
        workspace.plan(**{**settings, "sql_dir": str(tmp_path / "sql")})

    return plan


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("SELECT email FROM customers", "`email`"),
        ("SELECT upper(c.Email) AS e FROM tbl_customers c", "`email`"),
        ('SELECT "email" FROM customers', "`email`"),
        ("SELECT * FROM customers", "`*`"),
        ("SELECT DISTINCT * FROM customers", "`*`"),
        ("SELECT v.page, c.* FROM visits v, customers c", "`*`"),
        ("SELECT customer_id FROM (TABLE customers)", "`TABLE customers`"),
    ],
)
def test_sql_etl_never_shows_a_classified_column(etl: Any, query: str, shown: str) -> None:
    with pytest.raises(Refused) as refused:
        etl(query)
    assert "athena/people.sql: reads raw files of `customers`, which are not masked, and has" in str(refused.value)
    assert shown in str(refused.value)


@pytest.mark.parametrize(
    ("query", "check", "shown"),
    [
        ("SELECT page FROM visits", "USING EXTERNAL FUNCTION f(x INT) RETURNS INT LAMBDA 'f' SELECT f(1) FROM {table}",
         "external function"),
        ("SELECT * FROM TABLE(mysql.system.query(query => 'SELECT 1'))", "SELECT 0 FROM {table}", "system.query"),
        ("SELECT reflect('java.lang.System', 'getenv') AS x FROM visits", "SELECT 0 FROM {table}", "reflect"),
    ],
)  # fmt: skip
def test_sql_etl_does_not_leave_sql(etl: Any, query: str, check: str, shown: str) -> None:
    with pytest.raises(Refused) as refused:
        etl(query, check)
    assert f"athena/people.sql or its checks: `{shown}` leaves SQL for code or data" in str(refused.value)


def test_nor_does_one_of_its_checks(etl: Any) -> None:
    with pytest.raises(Refused, match="reads raw files of `customers`"):
        etl("SELECT page FROM visits", "SELECT max(email) FROM {table}, customers")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT customer_id FROM customers",
        "SELECT count(*) AS customers_with_email, 2 * 3 AS six FROM customers WHERE customer_id <> 'email'",
        "SELECT * FROM visits",
    ],
)
def test_sql_etl_may_name_columns_that_are_not_classified(etl: Any, query: str) -> None:
    etl(query)


@pytest.mark.parametrize("other", ["test-prod", "te"])
def test_a_lake_whose_name_begins_with_anothers_is_refused(
    workspace: Workspace, settings: dict[str, object], other: str
) -> None:
    name = "te-st" if other == "te" else "test"
    error = refusal(workspace, settings, name=name, files={"lakes": [f"lakes/{name}/", f"lakes/{other}/"]})
    assert f"The name `{name}` and that of the lake `{other}` of this account and region begin alike" in error


def test_lakes_with_other_names_stand_side_by_side(workspace: Workspace, settings: dict[str, object]) -> None:
    workspace.plan(**settings, files={"lakes": ["lakes/test/", "lakes/testing/", "lakes/other-test/"]})


@pytest.mark.parametrize("name", ["lake-job", "lake-start-prod"])
def test_a_name_that_roles_of_another_lake_could_have_is_refused(
    workspace: Workspace, settings: dict[str, object], name: str
) -> None:
    assert f"name `{name}` must not have the part `job` or `start`" in refusal(workspace, settings, name=name)
