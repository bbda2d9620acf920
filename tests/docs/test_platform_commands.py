"""The pages on the platform name commands that exist: make targets, headgate, AWS operations, Terraform's outputs."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import typer
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from headgate.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = {name: (ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in
         ("SETUP_GUIDE", "RUNBOOK", "UPGRADING", "COST_OPTIMIZATION", "TROUBLESHOOTING")}  # fmt: skip
WORD = {"stepfunctions": "states", "s3api": "s3"}  # the AWS CLI's name, and that of botocore or IAM
TRANSFERS = {"cp", "ls", "sync", "rm"}  # commands of `aws s3`, which the service model does not have
SIGN_INS = {("configure", "sso"), ("sso", "login")}
EVERYWHERE = {"output", "query", "region", "profile", "max-items", "cli-input-json", "no-cli-pager"}
# Actions of an administrator or a deployer, which none of the roles for people may do.
BY_OTHERS = {"sts:GetCallerIdentity", "secretsmanager:PutSecretValue",
             "secretsmanager:UpdateSecretVersionStage", "s3:ListObjectVersions", "s3:CopyObject",
             "s3:DeleteObjects", "sns:ListSubscriptions"}  # fmt: skip


def commands() -> Iterator[tuple[str, str]]:
    """Yield every command with its page: the lines of shell blocks, and the commands in backticks in the text."""
    for page, text in PAGES.items():
        for block in re.findall(r"(?ms)^ *```sh\n(.*?)^ *```", text):
            for line in block.replace("\\\n", " ").splitlines():
                yield from ((page, command) for command in _split(line))
        prose = re.sub(r"(?ms)^ *```.*?^ *```$", "", text)
        for command in re.findall(r"`((?:make|headgate|aws|terraform) [^`]+)`", prose):
            yield page, " ".join(command.split())


def _split(line: str) -> Iterator[str]:
    line = re.sub(r"\s#\s.*|^\s*#.*", "", line.strip())
    yield from re.findall(r"\$\(([^()]*)\)", line)
    for command in re.split(r"&&|\|\||\|(?!\s*\.)|;", re.sub(r"\$\([^()]*\)", "x", line)):
        if command.strip():
            yield re.sub(r"^\s*(?:do|while \w+=x)\s+", "", command.strip())


def of(program: str) -> list[tuple[str, list[str]]]:
    """The commands that start with `program`, each with its page and split into words."""
    redirection = re.compile(r"\s[<>]\s.*$|<<<.*$")
    return [
        (page, shlex.split(redirection.sub("", command.replace("…", "x"))))
        for page, command in commands()
        if command.startswith(program + " ")
    ]


def test_every_page_with_instructions_has_commands() -> None:
    assert {page for page, _ in commands()} >= {"SETUP_GUIDE", "RUNBOOK", "UPGRADING", "TROUBLESHOOTING"}
    assert len(of("aws")) > 40 and len(of("make")) > 25


def test_every_make_target_exists_and_takes_what_it_is_given() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page, [_, target, *given] in of("make"):
        if target == "--version":
            continue
        assert re.search(rf"(?m)^{re.escape(target)}:", makefile), f"{page}: `make {target}` does not exist"
        for argument in given:
            name = argument.partition("=")[0]
            assert re.search(rf"\$[({{]{name}[)}}]", makefile), f"{page}: `make {target}` does not read {name}"


def test_every_headgate_command_exists_with_its_options() -> None:
    known: Any = typer.main.get_command(app)
    for page, [_, name, *words] in of("headgate"):
        assert name in known.commands, f"{page}: `headgate {name}` does not exist"
        command = known.commands[name]
        if words and isinstance(command, typer.core.TyperGroup):
            assert words[0] in command.commands, f"{page}: `headgate {name} {words[0]}` does not exist"
            command = command.commands[words[0]]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, f"{page}: headgate {name} {words}"


@cache
def model(service: str) -> Any:
    session = botocore.session.get_session()
    return session.get_service_model({"s3api": "s3"}.get(service, service))


def operation(service: str, name: str) -> Any:
    names = model(service).operation_names
    return next((model(service).operation_model(known) for known in names if xform_name(known, "-") == name), None)


def test_every_aws_command_is_one_of_awss_own_service_models() -> None:
    for page, words in of("aws"):
        if words[1].startswith("--") or tuple(words[1:3]) in SIGN_INS or words[1:] == ["configure"]:
            continue
        [service, name, *given] = words[1:]
        command = f"{page}: aws {service} {name}"
        if service == "s3":
            assert name in TRANSFERS, command
            continue
        try:
            known = operation(service, name)
        except UnknownServiceError:
            raise AssertionError(f"{command}: no such service") from None
        assert known, f"{command}: no such operation"
        members = {xform_name(member, "-"): shape for member, shape in known.input_shape.members.items()}
        options = {word[2:]: given[i + 1] for i, word in enumerate(given) if word.startswith("--")}
        unknown = set(options) - EVERYWHERE - set(members)
        assert not unknown, f"{command}: {sorted(unknown)}"
        if "cli-input-json" not in options and given:
            needed = {xform_name(member, "-") for member in known.input_shape.required_members}
            assert needed <= set(options), f"{command} lacks {sorted(needed - set(options))}"
        for option, value in options.items():
            shape = members.get(option)
            if shape is not None and getattr(shape, "enum", None):
                assert value in shape.enum, f"{command} --{option} {value}"
            if value.startswith("{"):
                json.loads(value) if option != "query" else None


def test_every_query_option_can_be_parsed() -> None:
    import jmespath

    for _, words in of("aws"):
        if "--query" in words:
            jmespath.compile(words[words.index("--query") + 1])


def test_the_roles_for_people_have_the_rights_that_the_runbook_needs() -> None:
    may = set(re.findall(r'"([a-z0-9]+:[A-Za-z]+)"', (ROOT / "terraform/modules/access/people.tf").read_text()))
    lacking = {
        f"{WORD.get(words[1], words[1])}:{called.name}"
        for page, words in of("aws")
        if page == "RUNBOOK" and words[1] != "s3" and len(words) > 3 and (called := operation(words[1], words[2]))
    } - may
    assert lacking <= BY_OTHERS, lacking - BY_OTHERS


def test_every_output_of_terraform_that_a_page_names_exists() -> None:
    known = set(re.findall(r'(?m)^output "(\w+)"', (ROOT / "terraform/outputs.tf").read_text()))
    words_of_make = [(page, words) for page, words in of("make") if "output" in words]
    named = [(page, word.removeprefix("ONLY=")) for page, words in words_of_make for word in words if "ONLY=" in word]
    assert named and not [words for _, words in of("terraform") if "output" in words]
    assert [(page, output) for page, output in named if output not in known] == []


def test_every_value_of_an_environment_that_a_page_names_is_a_variable() -> None:
    known = set(re.findall(r'(?m)^variable "(\w+)"', (ROOT / "terraform/variables.tf").read_text()))
    [shown] = re.findall(r"(?ms)^```hcl\n(.*?)^```", PAGES["SETUP_GUIDE"])
    named = set(re.findall(r"(?m)^(\w+)\s*=", shown))
    for page in ("COST_OPTIMIZATION", "SETUP_GUIDE"):
        named |= set(re.findall(r"tfvars: `(\w+)`", PAGES[page]))
    assert named >= {"name", "window_min", "staging_archive_days"}
    assert named - known == set()


@pytest.mark.needs("bash")
def test_every_block_of_shell_is_shell() -> None:
    for page, text in PAGES.items():
        for block in re.findall(r"(?ms)^ *```sh\n(.*?)^ *```", text):
            done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
            assert done.returncode == 0, f"{page}: {done.stderr}\n{block}"


def test_the_argument_of_a_backfill_is_one_that_the_job_takes() -> None:
    from headgate.runtime import OPTIONAL, UPKEEP
    from headgate.upkeep.backfill import selection

    for page in ("SETUP_GUIDE", "RUNBOOK"):
        assert re.search(r"key\s+`--full`,\s+value\s+`true`", PAGES[page]), page
    assert (OPTIONAL["full"], OPTIONAL["backfill"], UPKEEP["task"]) == ("false", "", "maintain")
    upkeep = (ROOT / "docs/UPKEEP.md").read_text()
    spelled = re.findall(r"(?m)`--backfill`(?:, value|:) `([^`]+)` \|$", upkeep)
    assert len(spelled) == 4 and all(selection(text) for text in spelled)
    jobs = "".join(file.read_text() for file in (ROOT / "terraform/modules/jobs").glob("*.tf"))
    assert not re.search(r'"--(full|backfill|task)"', jobs), "a default of the job would stand where a person types"
