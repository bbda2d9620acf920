"""The lake on the emulator, by the product's own means: bootstrap, release, plan, apply; and its end, by Terraform.

Everything is done in a copy of the checkout, so that neither state nor plans nor Terraform's folders get into it.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from headgate.deploy.checkout import Checkout
from headgate.deploy.saved_plan import plan_of
from headgate.errors import RunFailed
from rehearsal.emulator import ACCOUNT, REGION, Service
from rehearsal.walk.commands import Command

ENVIRONMENT = "rehearsal"
STATE, ARTIFACTS = (f"headgate-{role}-{ACCOUNT}-{REGION}" for role in ("state", "artifacts"))
_PARTS = ("shared/headgate", "glue_jobs", "contracts", "sql", "terraform")
_BESIDE = ("pyproject.toml", "README.md", "LICENSE")
_EXTRA = Path(__file__).with_name("extra")  # what the walk needs and the demo has not: see its files
_AT_ONCE = 40
_LOOKED_AT = "aws_s3_bucket_lifecycle_configuration."
_MADE = re.compile(r"(?m)^(.+): Creation complete after ")
_KEPT = {".terraform", "terraform.tfstate"}
_LEFT = shutil.ignore_patterns(".terraform", "*.tfstate*", "__pycache__", "tests")
# Everything else that Terraform has to know of the emulator comes from the environment.
_OVERRIDE = 'provider "aws" {\n  s3_use_path_style = true\n}\n'


def _copy(root: Path, at: Path) -> None:
    """Put what is released and applied into a folder, in the place of what it holds of an earlier copy."""
    for part in _PARTS:
        for old in (at / part).rglob("*") if (at / part).exists() else ():
            if old.is_file() and not _KEPT & set(old.relative_to(at).parts):
                old.unlink()
        shutil.copytree(root / part, at / part, ignore=_LEFT, dirs_exist_ok=True)
    for name in _BESIDE:
        shutil.copyfile(root / name, at / name)
    shutil.copytree(_EXTRA, at, dirs_exist_ok=True)
    for folder in (at / "terraform", at / "terraform" / "bootstrap"):
        (folder / "emulator_override.tf").write_text(_OVERRIDE)


@dataclass(frozen=True)
class Planned:
    """The addresses of what a plan makes, and its outputs where they are known before it is made."""

    resources: frozenset[str]
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Lake:
    """A copy of the checkout, and the emulator that it is applied to."""

    source: Checkout
    service: Service
    env: Mapping[str, str]

    @classmethod
    def of(cls, root: Path, service: Service) -> Lake:
        """Copy what is released and applied."""
        _copy(root, service.folder / "checkout")
        return cls.at(service)

    @classmethod
    def at(cls, service: Service) -> Lake:
        """The copy that is there already, of a rehearsal that was left up."""
        env = {**service.env(), "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color"}
        # The provider waits a while for queues and lifecycles; ten at a time would wait one after the other.
        env |= {f"TF_CLI_ARGS_{command}": f"-parallelism={_AT_ONCE}" for command in ("apply", "destroy")}
        return cls(Checkout(service.folder / "checkout"), service, env)

    def renew(self, root: Path) -> None:
        """Copy the checkout once more, as a version that was not released yet; Terraform's own folders stay."""
        before = self.source.version
        _copy(root, self.source.root)
        at, _, number = before.partition(".post")
        version = f"{self.source.version}.post{int(number or 0) + 1 if at == self.source.version else 1}"
        for file, key in (
            (self.source.root / "pyproject.toml", "version"),
            (self.source.environments / f"{ENVIRONMENT}.tfvars", "release"),
        ):
            text, found = re.subn(rf'(?m)^({key}\s*=\s*)"[^"]*"', rf'\1"{version}"', file.read_text("utf-8"), count=1)
            if not found:
                raise RunFailed(f"says no `{key}`", where=str(file))
            file.write_text(text, encoding="utf-8")

    def bootstrap(self) -> Command:
        """Begin to make the buckets of state and releases: the provider looks at a lifecycle for most of a minute."""
        return self._deploy("bootstrap", "--region", REGION)

    def standing(self, bootstrap: Command) -> None:
        """Wait until the buckets are there, so that a release can go in; raises when bootstrap has ended badly."""
        s3 = self.service.client("s3")
        self._wait(bootstrap, lambda: all(s3.get_bucket_policy(Bucket=bucket) for bucket in (STATE, ARTIFACTS)))

    def bootstrapped(self, bootstrap: Command) -> None:
        """Wait until what a plan needs is there; raises when bootstrap has ended badly."""
        s3, kms = self.service.client("s3"), self.service.client("kms")
        self._wait(bootstrap, lambda: all(s3.get_bucket_encryption(Bucket=bucket) for bucket in (STATE, ARTIFACTS)))
        self._wait(bootstrap, lambda: bool(kms.describe_key(KeyId="alias/headgate-artifacts")))

    def _wait(self, command: Command, there: Callable[[], bool]) -> None:
        """Wait until something is there, or the command has ended: then it is there, or this raises why it is not."""
        while not command.ended:
            with suppress(ClientError):
                if there():
                    return
            time.sleep(0.1)
        command.wait()

    def release(self) -> None:
        """Build the release of this checkout and put it into its bucket."""
        self._deploy("release", "--version", self.source.version, "--env", ENVIRONMENT).wait()

    def apply(self) -> None:
        """Plan the rehearsal's environment on this release, and apply exactly that plan."""
        self.plan()
        self.applying().wait()

    def plan(self) -> None:
        """Plan the rehearsal's environment on this release."""
        self._deploy("plan", "--env", ENVIRONMENT).wait()

    def applying(self) -> Command:
        """Begin to apply exactly that plan; it too looks at lifecycles for most of a minute."""
        return self._deploy("apply", "--env", ENVIRONMENT)

    def planned(self) -> Planned:
        """What the saved plan makes, and what it knows of the outputs."""
        said = json.loads(
            self._terraform(self.source.terraform, "show", "-json", str(plan_of(self.source, ENVIRONMENT)))
        )
        made = [one["address"] for one in said["resource_changes"] if one["change"]["actions"] == ["create"]]
        outputs = said["planned_values"]["outputs"]
        return Planned(frozenset(made), {name: one["value"] for name, one in outputs.items() if "value" in one})

    def made(self, planned: Planned, apply: Command) -> None:
        """Wait until everything is made but lifecycles; raises when the apply has ended badly."""
        log = self._log("apply")
        wanted = {one for one in planned.resources if _LOOKED_AT not in one}

        def all_made() -> bool:
            return wanted <= set(_MADE.findall(log.read_text(encoding="utf-8", errors="replace")))

        self._wait(apply, all_made)

    def outputs(self) -> dict[str, Any]:
        """What Terraform says of the lake."""
        said = json.loads(self._terraform(self.source.terraform, "output", "-json"))
        return {name: one["value"] for name, one in said.items()}

    def destroy(self) -> None:
        """Destroy the lake, then what bootstrap made; buckets are emptied first, as terraform/README.md asks."""
        values = f"-var-file={self.source.environments / f'{ENVIRONMENT}.tfvars'}"
        self._empty(keep=(STATE, ARTIFACTS))
        self._terraform(self.source.terraform, "destroy", "-auto-approve", values)
        self._empty()
        given = (f"-var=region={REGION}", f'-var=allowed_account_ids=["{ACCOUNT}"]')
        self._terraform(self.source.terraform / "bootstrap", "destroy", "-auto-approve", *given)

    def left(self) -> list[str]:
        """Buckets, jobs, machines, queues and roles that are there although everything was destroyed."""
        asked = {
            "bucket": ("s3", "list_buckets", "Buckets", "Name"),
            "job": ("glue", "get_jobs", "Jobs", "Name"),
            "database": ("glue", "get_databases", "DatabaseList", "Name"),
            "machine": ("stepfunctions", "list_state_machines", "stateMachines", "name"),
            "schedule": ("scheduler", "list_schedules", "Schedules", "Name"),
            "rule": ("events", "list_rules", "Rules", "Name"),
            "topic": ("sns", "list_topics", "Topics", "TopicArn"),
            "role": ("iam", "list_roles", "Roles", "RoleName"),
        }
        return [
            f"{kind} {one[name]}"
            for kind, (service, call, within, name) in asked.items()
            for one in getattr(self.service.client(service), call)()[within]
        ]

    def _empty(self, keep: tuple[str, ...] = ()) -> None:
        s3 = self.service.client("s3")
        for bucket in (one["Name"] for one in s3.list_buckets()["Buckets"]):
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket) if bucket not in keep else ():
                every = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                if every:
                    named = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in every]
                    s3.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})

    def _deploy(self, step: str, *words: str) -> Command:
        words = (sys.executable, "-m", "headgate.deploy", step, *words, "--checkout", str(self.source.root))
        return Command(f"headgate.deploy {step}", words, self.source.root, self.env, self._log(step))

    def _terraform(self, folder: Path, *words: str) -> str:
        log = self._log(f"terraform-{words[0]}-{folder.name}")
        quiet = {**self.env, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        Command(f"terraform {words[0]}", ("terraform", *words), folder, quiet, log).wait()
        return log.read_text(encoding="utf-8")

    def _log(self, name: str) -> Path:
        return self.service.folder / f"{name}.log"
