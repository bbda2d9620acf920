"""The workflows: their rights, whose code they run, that they name existing things, and what their scripts do."""

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
    content = read(file)
    for job in content["jobs"].values() if "jobs" in content else [content["runs"]]:
        yield from job["steps"]


def script(file: Path, step: str) -> str:
    """Return the shell or JavaScript code of a step, by its id or name."""
    [chosen] = [candidate for candidate in steps(file) if step in (candidate.get("id"), candidate.get("name"))]
    return chosen.get("run") or chosen["with"]["script"]


EVERY = [*WORKFLOWS.values(), *ACTIONS.values()]
NAMES = [file.relative_to(ROOT / ".github").as_posix() for file in EVERY]


@pytest.mark.needs("actionlint", "shellcheck")
def test_actionlint_and_shellcheck_find_nothing() -> None:
    done = subprocess.run(["actionlint", *map(str, WORKFLOWS.values())], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs("shellcheck")
@pytest.mark.parametrize("action", list(ACTIONS))
def test_shellcheck_finds_nothing_in_an_action(action: str, tmp_path: Path) -> None:
    for i, step in enumerate(step for step in steps(ACTIONS[action]) if "run" in step):
        (tmp_path / f"{i}.sh").write_text("#!/bin/bash\n" + step["run"])
    scripts = [str(file) for file in tmp_path.glob("*.sh")]
    assert scripts
    done = subprocess.run(["shellcheck", "--severity=style", *scripts], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", list(WORKFLOWS))
def test_a_workflow_requests_each_right_by_name(name: str) -> None:
    workflow = read(WORKFLOWS[name])
    assert workflow["permissions"] in ({}, "", {"contents": "read"})
    for job in workflow["jobs"].values():
        rights = job.get("permissions", {})
        assert set(rights) <= {"contents", "id-token", "pull-requests", "issues"}
        assert rights.get("contents", "read") == "read"


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
def test_every_action_of_others_is_pinned_by_its_commit(file: Path) -> None:
    """A tag can be moved to other code, which would run with the credentials that deploy; a commit cannot."""
    used = re.findall(r"uses: (\S+)(.*)", file.read_text(encoding="utf-8"))
    others = [(name, comment.strip()) for name, comment in used if not name.startswith("./")]
    loose = [name for name, _ in others if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", name)]
    assert loose == []
    assert [name for name, comment in others if not re.fullmatch(r"# v\d+\.\d+\.\d+", comment)] == []


@pytest.mark.parametrize("file", EVERY, ids=NAMES)
def test_a_checkout_leaves_no_token_behind(file: Path) -> None:
    for step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("file", EVERY, ids=NAMES)
def test_no_expression_is_interpolated_into_a_script(file: Path) -> None:
    for step in steps(file):
        assert "${{" not in step.get("run", "") + step.get("with", {}).get("script", "")


@pytest.mark.parametrize("file", EVERY, ids=NAMES)
def test_every_make_target_and_every_local_action_exists(file: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z][a-z-]*):", (ROOT / "Makefile").read_text()))
    for step in steps(file):
        assert set(re.findall(r"\bmake ([a-z-]+)", step.get("run", ""))) <= targets, step
        if step.get("uses", "").startswith("./"):
            assert step["uses"].removeprefix("./.github/actions/") in ACTIONS


def test_code_of_forks_never_gets_credentials() -> None:
    assert set(read(WORKFLOWS["plan"])["on"]) == {"pull_request"}  # pull_request_target would give it some
    for name in WORKFLOWS:
        for job in jobs(name).values():
            if "pull_request" in read(WORKFLOWS[name])["on"] and "id-token" in job.get("permissions", {}):
                assert "head.repo.full_name == github.repository" in job["if"]


def test_only_a_job_in_an_environment_assumes_the_deploying_role() -> None:
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


def test_the_roles_of_the_workflows_exist_and_trust_the_token_of_github() -> None:
    deployer, planner, trust = (
        re.sub(r"[ \t]+=", " =", (TERRAFORM / f"modules/{name}.tf").read_text())
        for name in ("access/deployer", "access/planner", "policies/trust")
    )
    assert 'deploy = "repo:${var.github.repository}:environment:${var.github.environment}"\n' in trust
    trusted = ("pull_request", "ref:refs/heads/main")
    listed = ", ".join(f'"repo:${{var.github.repository}}:{ref}"' for ref in trusted)
    assert f"plan = [{listed}]\n" in trust
    for code, name, subject in ((deployer, "github", "deploy"), (planner, "github-plan", "plan")):
        assert f'name = "${{local._role}}-{name}"\n' in code
        assert f"assume_role_policy = module.policies.trust_of_workflows.{subject}\n" in code
    assert read(WORKFLOWS["apply"])["on"]["push"]["branches"] == ["main"]
    for name in ("apply", "drift"):  # other branches could not assume the role
        assert "github.ref == 'refs/heads/main'" in next(iter(jobs(name).values()))["if"]


def test_every_plan_uses_the_tested_version_of_terraform() -> None:
    used = {
        step["with"]["terraform_version"]
        for file in EVERY
        for step in steps(file)
        if "terraform" in str(step.get("uses"))
    }
    wanted = re.search(r'required_version = ">= ([\d.]+)', (TERRAFORM / "versions.tf").read_text())
    assert wanted and used == {wanted[1]}


def run_shell(text: str, at: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-e", "-c", text], cwd=at, env={**os.environ, **env}, capture_output=True, text=True)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_region_and_account_of_a_lake_are_read_from_its_tfvars(environment: str, tmp_path: Path) -> None:
    file = tmp_path / "lake.tfvars"
    file.write_text(
        (TERRAFORM / f"environments/{environment}.tfvars").read_text()
        + 'allowed_account_ids = ["123456789012"] # the only one\n'
    )
    out = tmp_path / "out"
    done = run_shell(script(ACTIONS["lake"], "where"), tmp_path, FILE=str(file), GITHUB_OUTPUT=str(out), ROLE="github")
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = dict(line.split("=", 1) for line in out.read_text().splitlines())
    assert outputs["name"] == f"headgate-{environment}"
    assert outputs["account"] == "123456789012"
    assert outputs["artifacts"] == f"headgate-artifacts-123456789012-{outputs['region']}"
    assert re.fullmatch(r"[a-z]+-[a-z]+-\d", outputs["region"]) and re.match(r"\d+\.\d+\.\d+", outputs["release"])


@pytest.mark.parametrize("ids", ["", "allowed_account_ids = []", 'allowed_account_ids = ["1", "2"]'])
def test_a_lake_without_exactly_one_account_is_refused_with_a_remedy(ids: str, tmp_path: Path) -> None:
    file = tmp_path / "dev.tfvars"
    file.write_text((TERRAFORM / "environments/dev.tfvars").read_text() + ids + "\n")
    done = run_shell(script(ACTIONS["lake"], "where"), tmp_path, FILE=str(file), GITHUB_OUTPUT=str(tmp_path / "out"))
    assert done.returncode == 1
    assert "does not set allowed_account_ids" in done.stdout and "docs/SETUP_GUIDE.md" in done.stdout


@pytest.mark.parametrize(("aws_ends", "ends", "ahead"), [(0, 0, False), (1, 0, True), (254, 254, False)])
def test_only_a_missing_release_is_planned_ahead(tmp_path: Path, aws_ends: int, ends: int, ahead: bool) -> None:
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
def test_a_failed_plan_is_not_reported_as_an_empty_one(tmp_path: Path, terraform_ends: int, ends: int) -> None:
    (tmp_path / "here").mkdir()
    fake = f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\n[ "$1" = init ] || exit {terraform_ends}\n'
    (tmp_path / "terraform").write_text(fake)
    (tmp_path / "terraform").chmod(0o755)
    out = tmp_path / "out"
    done = run_shell(
        script(ACTIONS["plan"], "plan"), tmp_path / "here", PATH=f"{tmp_path}:{os.environ['PATH']}",
        GITHUB_OUTPUT=str(out), ENVIRONMENT="dev", LAKE="lake", REGION="eu-west-1", STATE="state",
    )  # fmt: skip
    assert done.returncode == ends
    assert f"code={terraform_ends}" in out.read_text()
    assert "-lock=false" in (tmp_path / "calls").read_text().splitlines()[1]


# The scripts of actions/github-script, run by node with a fake GitHub that records its calls.
HARNESS = """
const calls = []
const existing = %s
const record = name => async given => { calls.push([name, given]); return {} }
const github = {
  paginate: async () => existing,
  rest: { issues: {
    listComments: 0, listForRepo: 0, update: record('update'), create: record('create'),
    createComment: record('createComment'), updateComment: record('updateComment'),
  } },
}
const context = { serverUrl: 'https://example.org', runId: 7, repo: { owner: 'o', repo: 'r' },
  payload: { pull_request: { number: 5, head: { sha: 'abc' } } } }
const body = require('fs').readFileSync('script.js', 'utf8')
const Run = Object.getPrototypeOf(async function () {}).constructor
new Run('github', 'context', 'require', body)(github, context, require)
  .then(() => console.log(JSON.stringify(calls)))
"""


def calls_of(text: str, existing: list[dict[str, Any]], plan: str, at: Path, **env: str) -> list[Any]:
    """Run a script with these existing comments or issues, and return its calls of GitHub."""
    (at / "script.js").write_text(text)
    (at / "harness.js").write_text(HARNESS % json.dumps(existing))
    (at / "plan.txt").write_text(plan)
    done = subprocess.run(
        ["node", "harness.js"], cwd=at, env={**os.environ, **env}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


PLAN = "Reading…\nTerraform used the selected providers to make this plan.\n  + a bucket\n"
MINE = {"id": 9, "number": 9, "user": {"type": "Bot"}}


@pytest.mark.needs("node")
def test_the_comment_on_a_pull_request_is_updated_rather_than_added(tmp_path: Path) -> None:
    text = script(WORKFLOWS["plan"], "Post it to the pull request")
    env = {"ENVIRONMENT": "dev", "OUTCOME": "success", "AHEAD": "", "RELEASE": "0.2.0"}
    [[how, first]] = calls_of(text, [], PLAN, tmp_path, **env)
    assert (how, first["issue_number"]) == ("createComment", 5)
    assert "+ a bucket" in first["body"] and "Reading" not in first["body"]
    [[how, second]] = calls_of(text, [{**MINE, "body": first["body"]}], PLAN, tmp_path, **env)
    assert (how, second["comment_id"], second["body"]) == ("updateComment", 9, first["body"])
    [[how, _]] = calls_of(text, [{**MINE, "body": first["body"]}], PLAN, tmp_path, **{**env, "ENVIRONMENT": "prod"})
    assert how == "createComment"


@pytest.mark.needs("node")
def test_a_refused_plan_is_shown_and_a_long_one_is_truncated_to_the_limit_of_a_comment(tmp_path: Path) -> None:
    text = script(WORKFLOWS["plan"], "Post it to the pull request")
    env = {"ENVIRONMENT": "dev", "OUTCOME": "failure", "AHEAD": "true", "RELEASE": "0.2.0"}
    [[_, comment]] = calls_of(text, [], "x" * 80_000 + "Error: orders.yaml", tmp_path, **env)
    assert "refused or failed" in comment["body"] and "Error: orders.yaml" in comment["body"]
    assert "Release 0.2.0 is not there yet" in comment["body"]
    assert len(comment["body"]) < 65_536


@pytest.mark.needs("node")
def test_drift_is_one_issue_that_is_updated_and_closed(tmp_path: Path) -> None:
    text = script(WORKFLOWS["drift"], "Report it in an issue")
    assert calls_of(text, [], PLAN, tmp_path, ENVIRONMENT="dev", CODE="0") == []
    [[how, opened]] = calls_of(text, [], PLAN, tmp_path, ENVIRONMENT="dev", CODE="2")
    assert how == "create" and "+ a bucket" in opened["body"] and "docs/RUNBOOK.md#drift" in opened["body"]
    mine = [{**MINE, "body": opened["body"]}]
    [[how, updated]] = calls_of(text, mine, PLAN, tmp_path, ENVIRONMENT="dev", CODE="2")
    assert (how, updated["issue_number"]) == ("update", 9) and "state" not in updated
    [[first, _], [how, closed]] = calls_of(text, mine, PLAN, tmp_path, ENVIRONMENT="dev", CODE="0")
    assert (first, how, closed["state"]) == ("createComment", "update", "closed")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "arn:aws:iam::123456789012:role/lake-github"),
        ({"region": "cn-north-1"}, "arn:aws-cn:iam::123456789012:role/lake-github"),
        ({"region": "us-gov-west-1"}, "arn:aws-us-gov:iam::123456789012:role/lake-github"),
        ({"role_path": "/data/", "role_prefix": "app-"}, "arn:aws:iam::123456789012:role/data/app-lake-github"),
    ],
)
def test_the_role_has_the_path_prefix_and_partition_of_the_lake(
    settings: dict[str, str], expected: str, tmp_path: Path
) -> None:
    values = {"name": "lake", "region": "eu-west-1", "release": "0.1.0", **settings}
    lines = [f'{name} = "{value}"' for name, value in values.items()] + ['allowed_account_ids = ["123456789012"]']
    (tmp_path / "dev.tfvars").write_text("\n".join(lines) + "\n")
    output = tmp_path / "output"
    env = {**os.environ, "FILE": str(tmp_path / "dev.tfvars"), "ROLE": "github", "GITHUB_OUTPUT": str(output)}
    subprocess.run(["bash", "-c", script(ACTIONS["lake"], "where")], env=env, check=True)
    assert f"role={expected}" in output.read_text().splitlines()
