"""The workflows: what they may, whose code they trust, that they name what exists, and what their scripts do."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = {file.stem: file for file in sorted((ROOT / ".github/workflows").glob("*.yml"))}
ACTIONS = {file.parent.name: file for file in sorted((ROOT / ".github/actions").glob("*/action.yml"))}
TERRAFORM = ROOT / "terraform"


def read(file: Path) -> dict[str, Any]:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def jobs(name: str) -> Mapping[str, Any]:
    return read(WORKFLOWS[name])["jobs"]


def steps(file: Path) -> Iterator[Mapping[str, Any]]:
    said = read(file)
    for job in said["jobs"].values() if "jobs" in said else [said["runs"]]:
        yield from job["steps"]


def script(file: Path, step: str) -> str:
    """The shell or JavaScript of a step, by its id or name."""
    [found] = [one for one in steps(file) if step in (one.get("id"), one.get("name"))]
    return found.get("run") or found["with"]["script"]


EVERY = [*WORKFLOWS.values(), *ACTIONS.values()]
NAMES = [file.relative_to(ROOT / ".github").as_posix() for file in EVERY]


@pytest.mark.needs("actionlint", "shellcheck")
def test_actionlint_and_shellcheck_find_nothing() -> None:
    done = subprocess.run(["actionlint", *map(str, WORKFLOWS.values())], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs("shellcheck")
@pytest.mark.parametrize("action", list(ACTIONS))
def test_shellcheck_finds_nothing_in_an_action(action: str, tmp_path: Path) -> None:
    for i, step in enumerate(one for one in steps(ACTIONS[action]) if "run" in one):
        (tmp_path / f"{i}.sh").write_text("#!/bin/bash\n" + step["run"])
    scripts = [str(file) for file in tmp_path.glob("*.sh")]
    assert scripts
    done = subprocess.run(["shellcheck", "--severity=style", *scripts], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", list(WORKFLOWS))
def test_a_workflow_asks_for_its_rights_by_name(name: str) -> None:
    said = read(WORKFLOWS[name])
    assert said["permissions"] in ({}, "", {"contents": "read"})
    for job in said["jobs"].values():
        asked = job.get("permissions", {})
        assert set(asked) <= {"contents", "id-token", "pull-requests", "issues"}
        assert asked.get("contents", "read") == "read"


def test_only_pull_requests_and_issues_are_written_and_each_by_one_workflow() -> None:
    wrote = {
        (name, right)
        for name in WORKFLOWS
        for job in jobs(name).values()
        for right, how in job.get("permissions", {}).items()
        if how == "write" and right != "id-token"
    }
    assert wrote == {("plan", "pull-requests"), ("drift", "issues")}


@pytest.mark.parametrize("file", EVERY, ids=NAMES)
def test_every_action_of_others_has_its_major_version(file: Path) -> None:
    foreign = [one["uses"] for one in steps(file) if "uses" in one and not one["uses"].startswith("./")]
    assert [one for one in foreign if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", one)] == []


@pytest.mark.parametrize("file", EVERY, ids=NAMES)
def test_a_checkout_leaves_no_token_behind(file: Path) -> None:
    for step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("file", EVERY, ids=NAMES)
def test_no_script_has_texts_of_others_written_into_it(file: Path) -> None:
    for step in steps(file):
        assert "${{" not in step.get("run", "") + step.get("with", {}).get("script", "")


@pytest.mark.parametrize("file", EVERY, ids=NAMES)
def test_every_make_target_and_every_local_action_exists(file: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z][a-z-]*):", (ROOT / "Makefile").read_text()))
    for step in steps(file):
        assert set(re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))) <= targets, step
        if step.get("uses", "").startswith("./"):
            assert step["uses"].removeprefix("./.github/actions/") in ACTIONS


def test_code_of_forks_never_meets_credentials() -> None:
    assert set(read(WORKFLOWS["plan"])["on"]) == {"pull_request"}  # pull_request_target would
    for name in WORKFLOWS:
        for job in jobs(name).values():
            if "pull_request" in read(WORKFLOWS[name])["on"] and "id-token" in job.get("permissions", {}):
                assert "head.repo.full_name == github.repository" in job["if"]


def test_only_a_job_in_an_environment_takes_the_role_that_deploys() -> None:
    taken = {
        (name, job_name): (step["with"]["role"], "environment" in job)
        for name in WORKFLOWS
        for job_name, job in jobs(name).items()
        for step in job["steps"]
        if step.get("uses") == "./.github/actions/lake"
    }
    assert taken == {
        ("plan", "plan"): ("github-plan", False),
        ("apply", "plan"): ("github-plan", False),
        ("apply", "apply"): ("github", True),
        ("drift", "drift"): ("github-plan", False),
    }


def test_the_roles_that_workflows_take_are_made_and_trust_what_github_says() -> None:
    deployer, planner = ((TERRAFORM / f"modules/access/{name}.tf").read_text() for name in ("deployer", "planner"))
    assert 'name        = "${local._name}-github"\n' in deployer
    assert 'deploy = "repo:${var.github_repository}:environment:${var.github_environment}"\n' in deployer
    trusted = ("pull_request", "ref:refs/heads/main")
    listed = ", ".join(f'"repo:${{var.github_repository}}:{one}"' for one in trusted)
    assert f"plan   = [{listed}]\n" in deployer
    assert "assume_role_policy = local._github_trust.deploy\n" in deployer
    assert 'name        = "${local._name}-github-plan"\n' in planner
    assert "assume_role_policy = local._github_trust.plan\n" in planner
    assert read(WORKFLOWS["apply"])["on"]["push"]["branches"] == ["main"]
    for name in ("apply", "drift"):  # what is not the main branch could not take the role
        assert "github.ref == 'refs/heads/main'" in next(iter(jobs(name).values()))["if"]


def test_every_plan_is_made_by_the_terraform_that_the_lake_is_tested_with() -> None:
    asked = {
        step["with"]["terraform_version"]
        for file in EVERY
        for step in steps(file)
        if "terraform" in str(step.get("uses"))
    }
    wanted = re.search(r'required_version = ">= ([\d.]+)', (TERRAFORM / "versions.tf").read_text())
    assert wanted and asked == {wanted[1]}


def run_shell(text: str, at: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-e", "-c", text], cwd=at, env={**os.environ, **env}, capture_output=True, text=True)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_where_a_lake_lies_is_read_from_its_tfvars(environment: str, tmp_path: Path) -> None:
    file = tmp_path / "lake.tfvars"
    file.write_text(
        (TERRAFORM / f"environments/{environment}.tfvars").read_text()
        + 'allowed_account_ids = ["123456789012"] # the only one\n'
    )
    out = tmp_path / "out"
    done = run_shell(script(ACTIONS["lake"], "where"), tmp_path, FILE=str(file), GITHUB_OUTPUT=str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(line.split("=", 1) for line in out.read_text().splitlines())
    assert said["name"] == f"headgate-{environment}"
    assert said["account"] == "123456789012"
    assert said["artifacts"] == f"headgate-artifacts-123456789012-{said['region']}"
    assert re.fullmatch(r"[a-z]+-[a-z]+-\d", said["region"]) and re.match(r"\d+\.\d+\.\d+", said["release"])


@pytest.mark.parametrize("ids", ["", "allowed_account_ids = []", 'allowed_account_ids = ["1", "2"]'])
def test_a_lake_without_its_one_account_is_refused_with_the_way_out(ids: str, tmp_path: Path) -> None:
    file = tmp_path / "dev.tfvars"
    file.write_text((TERRAFORM / "environments/dev.tfvars").read_text() + ids + "\n")
    done = run_shell(script(ACTIONS["lake"], "where"), tmp_path, FILE=str(file), GITHUB_OUTPUT=str(tmp_path / "out"))
    assert done.returncode == 1
    assert "does not say its allowed_account_ids" in done.stdout and "docs/SETUP_GUIDE.md" in done.stdout


@pytest.mark.parametrize(("aws_ends", "ends", "ahead"), [(0, 0, False), (1, 0, True), (254, 254, False)])
def test_only_a_release_that_is_not_there_is_planned_ahead(
    tmp_path: Path, aws_ends: int, ends: int, ahead: bool
) -> None:
    (tmp_path / "terraform").mkdir()
    (tmp_path / "aws").write_text(f"#!/bin/sh\n[ {aws_ends} = 0 ] && echo release.json\nexit {aws_ends}\n")
    (tmp_path / "aws").chmod(0o755)
    out = tmp_path / "out"
    out.touch()
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "RELEASE": "s3://b/k", "GITHUB_OUTPUT": str(out)}
    done = run_shell(script(ACTIONS["plan"], "release"), tmp_path, **env)
    assert (done.returncode != 0) == (ends != 0), done.stderr
    assert (tmp_path / "terraform/ahead_override.tf").exists() == ahead
    assert ("ahead=true" in out.read_text()) == ahead


@pytest.mark.parametrize(("terraform_ends", "ends"), [(0, 0), (2, 0), (1, 1)])
def test_a_plan_that_fails_is_not_taken_for_an_empty_one(tmp_path: Path, terraform_ends: int, ends: int) -> None:
    (tmp_path / "here").mkdir()
    fake = f'#!/bin/sh\necho "$@" >> "{tmp_path}/asked"\n[ "$1" = init ] || exit {terraform_ends}\n'
    (tmp_path / "terraform").write_text(fake)
    (tmp_path / "terraform").chmod(0o755)
    out = tmp_path / "out"
    done = run_shell(
        script(ACTIONS["plan"], "plan"), tmp_path / "here", PATH=f"{tmp_path}:{os.environ['PATH']}",
        GITHUB_OUTPUT=str(out), ENVIRONMENT="dev", REGION="eu-west-1", STATE="state",
    )  # fmt: skip
    assert done.returncode == ends
    assert f"code={terraform_ends}" in out.read_text()
    assert "-lock=false" in (tmp_path / "asked").read_text().splitlines()[1]


# The scripts of actions/github-script, run by node with a GitHub that only remembers what it was told.
HARNESS = """
const told = []
const there = %s
const remember = name => async given => { told.push([name, given]); return {} }
const github = {
  paginate: async () => there,
  rest: { issues: {
    listComments: 0, listForRepo: 0, update: remember('update'), create: remember('create'),
    createComment: remember('createComment'), updateComment: remember('updateComment'),
  } },
}
const context = { serverUrl: 'https://example.org', runId: 7, repo: { owner: 'o', repo: 'r' },
  payload: { pull_request: { number: 5, head: { sha: 'abc' } } } }
const body = require('fs').readFileSync('script.js', 'utf8')
const Run = Object.getPrototypeOf(async function () {}).constructor
new Run('github', 'context', 'require', body)(github, context, require)
  .then(() => console.log(JSON.stringify(told)))
"""


def told(text: str, there: list[dict[str, Any]], plan: str, at: Path, **env: str) -> list[Any]:
    (at / "script.js").write_text(text)
    (at / "harness.js").write_text(HARNESS % json.dumps(there))
    (at / "plan.txt").write_text(plan)
    done = subprocess.run(
        ["node", "harness.js"], cwd=at, env={**os.environ, **env}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


PLAN = "Reading…\nTerraform used the selected providers to make this plan.\n  + a bucket\n"
MINE = {"id": 9, "number": 9, "user": {"type": "Bot"}}


@pytest.mark.needs("node")
def test_the_comment_on_a_pull_request_is_updated_rather_than_added(tmp_path: Path) -> None:
    text = script(WORKFLOWS["plan"], "Say it in the pull request")
    env = {"ENVIRONMENT": "dev", "OUTCOME": "success", "AHEAD": "", "RELEASE": "0.2.0"}
    [[how, first]] = told(text, [], PLAN, tmp_path, **env)
    assert (how, first["issue_number"]) == ("createComment", 5)
    assert "+ a bucket" in first["body"] and "Reading" not in first["body"]
    [[how, second]] = told(text, [{**MINE, "body": first["body"]}], PLAN, tmp_path, **env)
    assert (how, second["comment_id"], second["body"]) == ("updateComment", 9, first["body"])
    [[how, _]] = told(text, [{**MINE, "body": first["body"]}], PLAN, tmp_path, **{**env, "ENVIRONMENT": "prod"})
    assert how == "createComment"


@pytest.mark.needs("node")
def test_a_refused_plan_is_shown_and_a_long_one_is_cut_to_what_a_comment_holds(tmp_path: Path) -> None:
    text = script(WORKFLOWS["plan"], "Say it in the pull request")
    env = {"ENVIRONMENT": "dev", "OUTCOME": "failure", "AHEAD": "true", "RELEASE": "0.2.0"}
    [[_, said]] = told(text, [], "x" * 80_000 + "Error: orders.yaml", tmp_path, **env)
    assert "refused or failed" in said["body"] and "Error: orders.yaml" in said["body"]
    assert "Release 0.2.0 is not there yet" in said["body"]
    assert len(said["body"]) < 65_536


@pytest.mark.needs("node")
def test_drift_is_one_issue_that_is_updated_and_closed(tmp_path: Path) -> None:
    text = script(WORKFLOWS["drift"], "Say it in an issue")
    assert told(text, [], PLAN, tmp_path, ENVIRONMENT="dev", CODE="0") == []
    [[how, opened]] = told(text, [], PLAN, tmp_path, ENVIRONMENT="dev", CODE="2")
    assert how == "create" and "+ a bucket" in opened["body"] and "docs/RUNBOOK.md#drift" in opened["body"]
    mine = [{**MINE, "body": opened["body"]}]
    [[how, updated]] = told(text, mine, PLAN, tmp_path, ENVIRONMENT="dev", CODE="2")
    assert (how, updated["issue_number"]) == ("update", 9) and "state" not in updated
    [[said, _], [how, closed]] = told(text, mine, PLAN, tmp_path, ENVIRONMENT="dev", CODE="0")
    assert (said, how, closed["state"]) == ("createComment", "update", "closed")
