"""Before anything is sent: what `make verify` refuses, what it says that it will cost, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from verify_account import LAKE, NUMBER, REGION, SHELF, STAGING, Account
from verify_stubs import StubbedSession, stubbed

import needs
from headgate.deploy.cost import PRICES, read_prices
from headgate.errors import UnusableArgument
from headgate.verify import __main__ as command
from headgate.verify.clock import Clock
from headgate.verify.estimate import LIMIT, estimate, refuse_costly, spent
from headgate.verify.lake_names import Site
from headgate.verify.preflight import target
from headgate.verify.probed_lake import Scene
from headgate.verify.probes import PROBES
from headgate.verify.runner import chosen
from headgate.verify.start import scene_at

LIST = read_prices(needs.ROOT / PRICES)
SITE = Site(LAKE, NUMBER, REGION)


@pytest.fixture
def repository(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one environment, and credentials for the account."""
    for part in ("shared/headgate", "glue_jobs", "contracts", "sql", "terraform/environments"):
        (tmp_path / part).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "headgate"\nversion = "0.1.0"\n', encoding="utf-8")
    (tmp_path / PRICES).write_text((needs.ROOT / PRICES).read_text(encoding="utf-8"), encoding="utf-8")
    tfvars = f'name = "{LAKE}"\nregion = "{REGION}"\nallowed_account_ids = ["{NUMBER}"]\n'
    (tmp_path / "terraform/environments/dev.tfvars").write_text(tfvars, encoding="utf-8")
    session = StubbedSession(account.answer)
    monkeypatch.setattr("boto3.Session", lambda: session)
    clock = Clock(account.time.now, account.time.sleep)
    monkeypatch.setattr("headgate.verify.start.Clock", lambda: clock)
    return tmp_path


def run(repository: Path, *words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The command's exit code."""
    monkeypatch.setattr(sys, "argv", ["verify", "--checkout", str(repository), *words])
    with pytest.raises(SystemExit) as ended:
        command.main()
    return int(ended.value.code or 0)


def changed(account: Account) -> set[str]:
    """The operations that changed something."""
    return {one for one, _ in account.asked if one.startswith(("Put", "Start", "Delete", "Stop", "Batch"))}


def test_the_command_probes_prints_the_table_and_ends_with_0(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run(repository, "--env", "dev", monkeypatch=monkeypatch) == 0
    said = capsys.readouterr()
    assert said.out.count("passed") == len(PROBES)
    assert all(name in said.out for name in PROBES)
    assert "It cost about" in said.out
    assert "river in account 111122223333: 6 probes, about 0.16 USD, at most 0.77." in said.err


def test_the_same_as_json(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(repository, "--env", "dev", "--json", "--only", "console-run,wheels", monkeypatch=monkeypatch) == 0
    said = json.loads(capsys.readouterr().out)
    assert [(one["probe"], one["verdict"], one["seconds"]) for one in said["probes"]] == [
        ("console-run", "passed", 90.0),
        ("wheels", "passed", 0.0),
    ]
    assert (said["lake"], said["account"], said["not_removed"], said["interrupted"]) == (LAKE, NUMBER, [], False)
    assert 0 < said["usd"]["spent"] < said["usd"]["expected"] < said["usd"]["at_most"] < LIMIT


def test_a_failed_probe_ends_with_1(account: Account, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account.logged.clear()
    assert run(repository, "--env", "dev", "--only", "wheels", monkeypatch=monkeypatch) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "no environment is named"),
        (["--env", "prod"], "there is no environment `prod`"),
        (["--env", "dev", "--only", "wheel"], "there is no probe `wheel`"),
        (["--env", "dev", "--nonsense"], "No such option"),
    ],
)
def test_a_mistake_ends_with_2_and_nothing_was_sent(
    account: Account,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    told: str,
) -> None:
    assert run(repository, *words, monkeypatch=monkeypatch) == 2
    assert told in capsys.readouterr().err
    assert changed(account) == set()


def test_another_account_is_refused(account: Account, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account.wrong("GetCallerIdentity", lambda _, said: said | {"Account": "999999999999"})
    assert run(repository, "--env", "dev", monkeypatch=monkeypatch) == 2
    assert [operation for operation, _ in account.asked] == ["GetCallerIdentity"]


def test_a_role_that_may_not_look_is_told_what_it_needs(account: Account, repository: Path) -> None:
    account.refuse("GetJob")
    with pytest.raises(UnusableArgument) as refused:
        scene_at("dev", "", repository)
    assert "the account cannot be looked at: AWS refused GetJob: AccessDenied" in str(refused.value)
    assert "docs/VERIFY.md" in refused.value.remedy
    assert "`river-`" in refused.value.remedy


def test_the_names_are_those_of_terraform() -> None:
    at = needs.ROOT / "terraform"
    rules = "".join(file.read_text(encoding="utf-8") for file in sorted(at.rglob("*.tf")))
    assert '"${var.site.name}-${c.step}-${dataset}"' in rules  # the job
    assert '"${var.site.name}-arrivals-${each.key}"' in rules  # the queue
    assert 'name       = "${var.site.name}-${each.key}"\n  type       = "STANDARD"' in rules  # the machine
    assert 'name = var.site.name, text = "Queries of the lake' in rules  # the workgroup
    assert '"alias/${var.site.name}"' in rules
    assert SITE.job == "river-refine-verify_probe"
    assert SITE.queue == "river-arrivals-verify_probe"
    assert SITE.machine.endswith(":stateMachine:river-verify_probe")
    assert (SITE.workgroup, SITE.key) == ("river", "alias/river")


def test_the_job_says_every_argument_that_is_read_from_it() -> None:
    from headgate.verify.preflight import NEEDED
    from headgate.verify.probes.wheels import OPTION

    jobs = (needs.ROOT / "terraform/modules/jobs/jobs.tf").read_text(encoding="utf-8")
    assert [name for name in (*NEEDED, OPTION) if f'"{name}"' not in jobs] == []


def refused(account: Account) -> UnusableArgument:
    with pytest.raises(UnusableArgument) as error:
        target(stubbed(account.answer), SITE)
    assert changed(account) == set()
    return error.value


def test_without_its_job_it_says_how_to_bring_it(account: Account) -> None:
    account.refuse("GetJob", "EntityNotFoundException")
    error = refused(account)
    assert str(error).startswith("account 111122223333, eu-west-1: there is no job `river-refine-verify_probe`")
    assert "--write-contract" in error.remedy


def test_a_job_that_lacks_an_argument_is_refused(account: Account) -> None:
    def change(_: object, said: dict) -> dict:
        arguments = {name: text for name, text in said["Job"]["DefaultArguments"].items() if name != "--reports"}
        return {"Job": said["Job"] | {"DefaultArguments": arguments}}

    account.wrong("GetJob", change)
    assert "the job `river-refine-verify_probe` does not say `--reports`" in str(refused(account))


@pytest.mark.parametrize("text", ["dataset: verify_probe\n", None])
def test_a_release_without_the_contract_of_the_probes_is_refused(account: Account, text: str | None) -> None:
    key = (SHELF, "releases/0.1.0/contracts/verify/verify_probe.yaml")
    if text is None:
        del account.objects[key]
    else:
        account.put(*key, text.encode())
    told = "s3://river-shelf/releases/0.1.0/contracts/: the release does not hold the contract of `verify_probe`"
    assert str(refused(account)).startswith(told)


def test_while_another_one_is_at_work_it_is_refused(account: Account) -> None:
    account._begin(None)
    assert "the job `river-refine-verify_probe` is running" in str(refused(account))


def test_all_probes_cost_less_than_a_dollar_even_at_their_timeouts(scene: Scene) -> None:
    cost = estimate(scene.target, list(PROBES), LIST)
    assert f"{cost}" == "about 0.16 USD, at most 0.77"
    runs = 4 * 2 * 150 / 3600 * 0.44
    assert cost.expected == pytest.approx(runs + 0.01 + 102 * 10e6 / 1e12 * 5 + 20 / 1000 * 0.025)
    refuse_costly(cost, agreed=False)


def test_fewer_probes_cost_less(scene: Scene) -> None:
    one = estimate(scene.target, ["wheels"], LIST)
    assert one.at_most == pytest.approx(2 * 600 / 3600 * 0.44 + 0.01 + 20 / 1000 * 0.025)


def test_a_job_that_may_cost_more_than_a_dollar_is_refused_unless_agreed(
    account: Account, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account.wrong("GetJob", lambda _, said: {"Job": said["Job"] | {"NumberOfWorkers": 10}})
    assert run(repository, "--env", "dev", monkeypatch=monkeypatch) == 2
    assert "the probes may cost 3.71 USD, more than 1.00" in capsys.readouterr().err
    assert changed(account) == set()
    assert run(repository, "--env", "dev", "--yes", monkeypatch=monkeypatch) == 0


def test_what_was_spent_is_counted_as_glue_counts_it(scene: Scene) -> None:
    at_least = spent(scene.target, [{"ExecutionTime": 10}], 0, LIST) - 0.01
    assert at_least == pytest.approx(2 * 60 / 3600 * 0.44)  # a minute at least
    scaled = spent(scene.target, [{"ExecutionTime": 100, "DPUSeconds": 90.0}], 0, LIST) - 0.01
    assert scaled == pytest.approx(90 / 3600 * 0.44)
    assert spent(scene.target, [], 100, LIST) - 0.01 == pytest.approx(100 * 10e6 / 1e12 * 5)


def test_probes_run_in_their_own_order_whatever_is_named_first() -> None:
    assert [one.name for one in chosen(["arrival", "wheels, console-run"])] == ["console-run", "wheels", "arrival"]


def test_the_contract_is_written_without_asking_aws(
    account: Account, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(repository, "--write-contract", monkeypatch=monkeypatch) == 0
    assert (repository / "contracts/verify/verify_probe.yaml").is_file()
    assert "Next: `make written`" in capsys.readouterr().out
    assert account.asked == []


def test_a_termination_is_an_interruption(account: Account, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a cancelled CI job does it: the signal comes while the run is at work, and everything is cleaned up."""
    import os
    import signal

    def change(_: object, said: dict) -> dict:
        if len([one for one, _ in account.asked if one == "GetJobRun"]) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return said

    account.wrong("GetJobRun", change)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert run(repository, "--env", "dev", monkeypatch=monkeypatch) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert account.keys(STAGING) == ["staging/verify_probe/"]
    assert {one.state for one in account.runs} == {"STOPPED"}


def test_the_command_explains_itself() -> None:
    said = subprocess.run([sys.executable, "-m", "headgate.verify", "--help"], capture_output=True, text=True)
    assert said.returncode == 0
    assert all(word in said.stdout for word in ("--env", "--only", "--json", "--yes", "--write-contract"))
