"""`make verify` before anything is sent: what it refuses, its estimate of the cost, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from verify_account import Account, session_of
from verify_names import ARTIFACTS, LAKE, NUMBER, REGION, STAGING
from verify_stubs import Refuse, stubbed

import needs
from headgate.cost.prices import read_prices
from headgate.errors import UnusableArgument
from headgate.verify import __main__ as command
from headgate.verify.clock import Clock
from headgate.verify.estimate import LIMIT, estimate, further_costs, refuse_costly, spent
from headgate.verify.lake_names import LakeNames
from headgate.verify.preflight import find_job, find_others
from headgate.verify.probe_dataset import DATASET, DATASETS, MART, PARQUET
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.probes import PROBES
from headgate.verify.runner import chosen
from headgate.verify.start import find_lake

LIST = read_prices()
NAMES = LakeNames(LAKE, NUMBER, REGION)


@pytest.fixture
def repository(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one environment, and credentials for the account."""
    for part in ("shared/headgate", "glue_jobs", "contracts", "sql", "terraform/environments"):
        (tmp_path / part).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "headgate"\nversion = "0.1.0"\n', encoding="utf-8")
    tfvars = f'name = "{LAKE}"\nregion = "{REGION}"\nallowed_account_ids = ["{NUMBER}"]\n'
    (tmp_path / "terraform/environments/dev.tfvars").write_text(tfvars, encoding="utf-8")
    monkeypatch.setattr("boto3.Session", session_of(account))
    clock = Clock(account.time.now, account.time.sleep)
    monkeypatch.setattr("headgate.verify.start.Clock", lambda: clock)
    return tmp_path


def run(repository: Path, *words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["verify", "--checkout", str(repository), *words])
    with pytest.raises(SystemExit) as ended:
        command.main()
    return int(ended.value.code or 0)


def changed(account: Account) -> set[str]:
    """Return the operations that changed something."""
    return {
        operation for operation, _ in account.asked if operation.startswith(("Put", "Start", "Delete", "Stop", "Batch"))
    }


def test_the_command_runs_the_probes_prints_the_table_and_exits_with_0(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run(repository, "--env", "dev", monkeypatch=monkeypatch) == 0
    printed = capsys.readouterr()
    assert printed.out.count("passed") == len(PROBES)
    assert all(name in printed.out for name in PROBES)
    assert "It cost about" in printed.out
    assert f"river in account 111122223333: {len(PROBES)} probes, about 0.53 USD, at most 1.67." in printed.err
    assert "\n  parquet-table: 0.04 USD\n" in printed.err


def test_the_command_prints_the_same_as_json(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(repository, "--env", "dev", "--json", "--only", "console-run,wheels", monkeypatch=monkeypatch) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(probe["probe"], probe["status"], probe["seconds"]) for probe in document["probes"]] == [
        ("console-run", "passed", 90.0),
        ("wheels", "passed", 0.0),
    ]
    assert (document["lake"], document["account"]) == (LAKE, NUMBER)
    assert (document["not_removed"], document["interrupted"]) == ([], False)
    usd = document["usd"]
    assert 0 < usd["spent"] < usd["expected"] < usd["at_most"] < LIMIT


def test_a_failed_probe_exits_with_1(account: Account, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account.logged.clear()
    assert run(repository, "--env", "dev", "--only", "wheels", monkeypatch=monkeypatch) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no environment is named"),
        (["--env", "prod"], "there is no environment `prod`"),
        (["--env", "dev", "--only", "wheel"], "there is no probe `wheel`"),
        (["--env", "dev", "--nonsense"], "No such option"),
    ],
)
def test_a_mistake_exits_with_2_and_nothing_was_sent(
    account: Account,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    message: str,
) -> None:
    assert run(repository, *words, monkeypatch=monkeypatch) == 2
    assert message in capsys.readouterr().err
    assert changed(account) == set()


def test_another_account_is_refused(account: Account, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account.wrong("GetCallerIdentity", lambda _, usual: usual | {"Account": "999999999999"})
    assert run(repository, "--env", "dev", monkeypatch=monkeypatch) == 2
    assert [operation for operation, _ in account.asked] == ["GetCallerIdentity"]


def test_a_role_without_the_rights_is_refused_with_where_they_are_listed(account: Account, repository: Path) -> None:
    account.refuse("GetJob")
    with pytest.raises(UnusableArgument) as refused:
        find_lake("dev", "", repository)
    assert "the account cannot be inspected: AWS refused GetJob: AccessDenied" in str(refused.value)
    assert "docs/VERIFY.md" in refused.value.remedy
    assert "`river-`" in refused.value.remedy


def test_the_names_are_those_of_terraform() -> None:
    at = needs.ROOT / "terraform"
    rules = "".join(file.read_text(encoding="utf-8") for file in sorted(at.rglob("*.tf")))
    assert '"${var.site.name}-${c.step}-${dataset}"' in rules  # the job
    assert '"${var.site.name}-arrivals-${each.key}"' in rules  # the queue
    assert 'name       = "${var.site.name}-${each.key}"\n  type       = "STANDARD"' in rules  # the machine
    assert 'folder = "engineers/"' in rules  # the workgroup
    assert '"alias/${var.site.name}"' in rules
    assert NAMES.job == "river-refine-verify_probe"
    assert NAMES.queue == "river-arrivals-verify_probe"
    assert NAMES.state_machine.endswith(":stateMachine:river-verify_probe")
    assert (NAMES.workgroup, NAMES.key_alias) == ("river-engineers", "alias/river")


def test_the_job_has_every_argument_that_is_read_from_it() -> None:
    from headgate.verify.preflight import NEEDED
    from headgate.verify.probes.wheels import OPTION

    jobs = (needs.ROOT / "terraform/modules/jobs/jobs.tf").read_text(encoding="utf-8")
    assert [name for name in (*NEEDED, OPTION) if f'"{name}"' not in jobs] == []


def refused(account: Account) -> UnusableArgument:
    with pytest.raises(UnusableArgument) as error:
        find_job(stubbed(account.answer), NAMES)
    assert changed(account) == set()
    return error.value


def test_a_missing_job_is_refused_with_how_to_deploy_it(account: Account) -> None:
    account.refuse("GetJob", "EntityNotFoundException")
    error = refused(account)
    assert str(error).startswith("account 111122223333, eu-west-1: there is no job `river-refine-verify_probe`")
    assert "--write-contract" in error.remedy


def test_a_job_that_lacks_an_argument_is_refused(account: Account) -> None:
    def change(_: object, usual: dict) -> dict:
        arguments = {name: text for name, text in usual["Job"]["DefaultArguments"].items() if name != "--reports"}
        return {"Job": usual["Job"] | {"DefaultArguments": arguments}}

    account.wrong("GetJob", change)
    assert "the job `river-refine-verify_probe` lacks the argument `--reports`" in str(refused(account))


@pytest.mark.parametrize("text", ["dataset: verify_probe\n", None])
def test_a_release_without_the_contract_of_the_probes_is_refused(account: Account, text: str | None) -> None:
    key = (ARTIFACTS, "releases/0.1.0/contracts/verify/verify_probe.yaml")
    if text is None:
        del account.objects[key]
    else:
        account.put(*key, text.encode())
    message = "s3://river-artifacts/releases/0.1.0/contracts/: the release lacks the contract of `verify_probe`"
    assert str(refused(account)).startswith(message)


def test_another_dataset_that_is_not_deployed_is_missing_with_what_to_do(account: Account) -> None:
    def change(params: dict, usual: dict) -> dict:
        if params["JobName"].endswith(PARQUET):
            raise Refuse("EntityNotFoundException")
        return usual

    account.wrong("GetJob", change)
    del account.objects[ARTIFACTS, f"releases/0.1.0/contracts/verify/{MART}.yaml"]
    jobs, missing = find_others(stubbed(account.answer), NAMES)
    assert set(jobs) == set(DATASETS) - {DATASET, PARQUET, MART}
    assert missing[PARQUET].startswith(f"there is no job `river-refine-{PARQUET}`. Deploy it to the environment: ")
    assert missing[MART].startswith(f"the release lacks the contract of `{MART}` that this version needs. Deploy it")


def test_a_probe_whose_dataset_is_not_deployed_is_skipped_and_nothing_of_it_is_sent(
    account: Account, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del account.objects[ARTIFACTS, f"releases/0.1.0/contracts/verify/{PARQUET}.yaml"]
    assert run(repository, "--env", "dev", "--json", "--only", "masking", monkeypatch=monkeypatch) == 1
    printed = capsys.readouterr()
    (probe,) = json.loads(printed.out)["probes"]
    assert (probe["status"], probe["seen"][:52]) == ("skipped", "the release lacks the contract of `verify_probe_parq")
    assert changed(account) == {"DeleteTable", "DeleteObjects"} & changed(account)


def test_a_second_verification_at_the_same_time_is_refused(account: Account) -> None:
    account._begin(None)
    assert "the job `river-refine-verify_probe` is running" in str(refused(account))


def test_all_probes_cost_less_than_two_dollars_even_at_their_timeouts(lake: ProbedLake) -> None:
    cost = estimate(lake.jobs, list(PROBES), LIST)
    assert f"{cost}" == "about 0.53 USD, at most 1.67"
    runs, crawls = 6 * 2 * 150 / 3600 * 0.44, 2 * 10 / 60 * 2 * 0.44
    assert cost.expected == pytest.approx(runs + crawls + 0.01 + 117 * 10e6 / 1e12 * 5 + 20 / 1000 * 0.025)
    refuse_costly(cost, accepted=False)


def test_fewer_probes_cost_less(lake: ProbedLake) -> None:
    cost = estimate(lake.jobs, ["wheels"], LIST)
    assert cost.at_most == pytest.approx(2 * 600 / 3600 * 0.44 + 0.01 + 20 / 1000 * 0.025)


def test_a_dataset_that_is_not_deployed_costs_nothing(lake: ProbedLake) -> None:
    whole, without = (estimate(jobs, ["arrival"], LIST).expected for jobs in (lake.jobs, {DATASET: lake.job}))
    assert whole - without == pytest.approx(2 * 150 / 3600 * 0.44)  # the run of the mart


def test_the_costs_of_the_probes_add_up(lake: ProbedLake) -> None:
    costs = dict(further_costs(lake.jobs, list(PROBES), LIST))
    assert list(costs) == list(PROBES)
    assert sum(costs.values()) == pytest.approx(estimate(lake.jobs, list(PROBES), LIST).expected, abs=0.011)


def test_a_job_that_may_cost_more_than_two_dollars_is_refused_unless_accepted(
    account: Account, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.wrong("GetJob", lambda _, usual: {"Job": usual["Job"] | {"NumberOfWorkers": 10}})
    assert run(repository, "--env", "dev", monkeypatch=monkeypatch) == 2
    assert "the probes may cost 6.36 USD, more than 2.00" in capsys.readouterr().err
    assert changed(account) == set()
    assert run(repository, "--env", "dev", "--yes", monkeypatch=monkeypatch) == 0


def test_what_was_spent_is_counted_as_glue_counts_it(lake: ProbedLake) -> None:
    def cost(*runs: dict[str, object], queries: int = 0, crawls: int = 0) -> float:
        return spent(lake.jobs, runs, queries, crawls, LIST) - 0.01

    assert cost({"ExecutionTime": 10}) == pytest.approx(2 * 60 / 3600 * 0.44)  # a minute at least
    assert cost({"ExecutionTime": 100, "DPUSeconds": 90.0}) == pytest.approx(90 / 3600 * 0.44)
    assert cost(queries=100) == pytest.approx(100 * 10e6 / 1e12 * 5)
    assert cost(crawls=2) == pytest.approx(2 * 10 / 60 * 2 * 0.44)
    larger = replace(lake.jobs[MART], workers=10)
    lake.others = {**lake.others, MART: larger}
    assert cost({"ExecutionTime": 60, "JobName": larger.names.job}) == pytest.approx(10 * 60 / 3600 * 0.44)


def test_probes_run_in_their_own_order_in_whatever_order_they_are_named() -> None:
    assert [probe.name for probe in chosen(["arrival", "wheels, console-run"])] == ["console-run", "wheels", "arrival"]


def test_the_contract_is_written_without_contacting_aws(
    account: Account, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(repository, "--write-contract", monkeypatch=monkeypatch) == 0
    for dataset in DATASETS:
        assert (repository / f"contracts/verify/{dataset}.yaml").is_file()
    assert (repository / "sql/marts/verify_probe_mart.sql").is_file()
    assert "Next: `make written`" in capsys.readouterr().out
    assert account.asked == []


def test_sigterm_cleans_up_like_ctrl_c(account: Account, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled CI job sends SIGTERM. Here it comes while the run is active, and everything is cleaned up."""
    import os
    import signal

    def change(_: object, usual: dict) -> dict:
        if len([operation for operation, _ in account.asked if operation == "GetJobRun"]) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return usual

    account.wrong("GetJobRun", change)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert run(repository, "--env", "dev", monkeypatch=monkeypatch) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [key for key in account.keys(STAGING) if not key.endswith("/")] == []
    assert {run.state for run in account.runs} == {"STOPPED"}


def test_the_help_names_every_option() -> None:
    done = subprocess.run([sys.executable, "-m", "headgate.verify", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("--env", "--only", "--json", "--yes", "--write-contract"))
