"""Deploy the lake on the emulator with the product's own commands, bootstrap, release, plan and apply, and destroy it.

Everything runs in a copy of the checkout, so that state, plans and Terraform's folders stay out of the checkout.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from headgate.deploy.checkout import Checkout
from headgate.deploy.plan import data_folder
from headgate.deploy.saved_plan import plan_of
from headgate.errors import RunFailed
from rehearsal.account import ACCOUNT, REGION
from rehearsal.emulator import Emulator
from rehearsal.walk.commands import Command

ENVIRONMENT = LAKE = "rehearsal"  # as in terraform/environments/rehearsal.tfvars
REPOSITORY = "example/lake"  # as there
STATE, ARTIFACTS = (f"headgate-{role}-{ACCOUNT}-{REGION}" for role in ("state", "artifacts"))
_FOLDERS = ("shared/headgate", "glue_jobs", "lambdas", "contracts", "sql", "terraform")
_FILES = ("pyproject.toml", "README.md", "LICENSE")
_EXTRA = Path(__file__).with_name("extra")  # a contract and an SQL ETL that the walk needs and the demo lacks
_PARALLELISM = 40
_SLOW = "aws_s3_bucket_lifecycle_configuration."
_CREATED = re.compile(r"(?m)^(.+): Creation complete after ")
_KEPT = {".terraform", "terraform.tfstate"}
_LEFT = shutil.ignore_patterns(".terraform", "*.tfstate*", "__pycache__", "tests")
# All other settings of the provider for the emulator come from the environment.
_OVERRIDE = 'provider "aws" {\n  s3_use_path_style = true\n}\n'


def _copy(root: Path, at: Path) -> None:
    """Copy what is released and applied into a folder, and remove the files of an earlier copy."""
    for part in _FOLDERS:
        for old in (at / part).rglob("*") if (at / part).exists() else ():
            if old.is_file() and not _KEPT & set(old.relative_to(at).parts):
                old.unlink()
        shutil.copytree(root / part, at / part, ignore=_LEFT, dirs_exist_ok=True)
    for name in _FILES:
        shutil.copyfile(root / name, at / name)
    shutil.copytree(_EXTRA, at, dirs_exist_ok=True)
    for folder in (at / "terraform", at / "terraform" / "bootstrap"):
        (folder / "emulator_override.tf").write_text(_OVERRIDE)


@dataclass(frozen=True)
class Planned:
    """The addresses of what a plan creates, and the outputs that are known before."""

    resources: frozenset[str]
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class DeployedLake:
    """A copy of the checkout, and the emulator that it is applied to."""

    source: Checkout
    emulator: Emulator
    env: Mapping[str, str]

    @classmethod
    def copy_of(cls, root: Path, emulator: Emulator) -> DeployedLake:
        """Copy what is released and applied."""
        _copy(root, emulator.folder / "checkout")
        return cls.at(emulator)

    @classmethod
    def at(cls, emulator: Emulator) -> DeployedLake:
        """The existing copy of a rehearsal that was left up."""
        env = {**emulator.env(), "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color"}
        # The provider waits a while for each queue and lifecycle; with Terraform's ten at a time, that adds up.
        env |= {f"TF_CLI_ARGS_{command}": f"-parallelism={_PARALLELISM}" for command in ("apply", "destroy")}
        return cls(Checkout(emulator.folder / "checkout"), emulator, env)

    def signed_in(self, keys: Mapping[str, str]) -> DeployedLake:
        """The same, for somebody else: the environment variables of their credentials."""
        return replace(self, env={**self.env, **keys})

    def renew(self, root: Path) -> None:
        """Copy the checkout again, as a version that was not released yet; Terraform's own folders stay."""
        before, _, number = self.source.version.partition(".post")
        _copy(root, self.source.root)
        version = f"{self.source.version}.post{int(number or 0) + 1 if before == self.source.version else 1}"
        for file, key in (
            (self.source.root / "pyproject.toml", "version"),
            (self.source.environments / f"{ENVIRONMENT}.tfvars", "release"),
        ):
            text, replaced = re.subn(
                rf'(?m)^({key}\s*=\s*)"[^"]*"', rf'\1"{version}"', file.read_text("utf-8"), count=1
            )
            if not replaced:
                raise RunFailed(f'has no line `{key} = "…"`', where=str(file))
            file.write_text(text, encoding="utf-8")

    def bootstrap(self) -> Command:
        """Begin to create the buckets of state and releases; the provider checks a lifecycle for most of a minute."""
        return self._deploy("bootstrap", "--region", REGION)

    def await_buckets(self, bootstrap: Command) -> None:
        """Wait until the buckets exist, so that a release can be uploaded. Raises `RunFailed` when bootstrap failed."""
        s3 = self.emulator.client("s3")
        self._wait(bootstrap, lambda: all(s3.get_bucket_policy(Bucket=bucket) for bucket in (STATE, ARTIFACTS)))

    def await_bootstrap(self, bootstrap: Command) -> None:
        """Wait until all that a plan needs exists. Raises `RunFailed` when bootstrap failed."""
        s3, kms = self.emulator.client("s3"), self.emulator.client("kms")
        self._wait(bootstrap, lambda: all(s3.get_bucket_encryption(Bucket=bucket) for bucket in (STATE, ARTIFACTS)))
        self._wait(bootstrap, lambda: bool(kms.describe_key(KeyId="alias/headgate-artifacts")))

    def _wait(self, command: Command, exists: Callable[[], bool]) -> None:
        """Wait until something exists, or the command that makes it has ended. Raises `RunFailed` when it failed."""
        while not command.ended:
            with suppress(ClientError):
                if exists():
                    return
            time.sleep(0.1)
        command.wait()

    def release(self) -> None:
        """Build the release of this copy and upload it to its bucket."""
        python = f"{sys.version_info.major}.{sys.version_info.minor}"  # the function runs in this machine's
        words = ("--version", self.source.version, "--env", ENVIRONMENT, "--lambda-python", python)
        self._deploy("release", *words).wait()

    def apply(self) -> None:
        """Plan the rehearsal's environment on this release, and apply exactly that plan."""
        self.plan()
        self.applying().wait()

    def plan(self) -> None:
        """Plan the rehearsal's environment on this release."""
        self._deploy("plan", "--env", ENVIRONMENT).wait()

    def applying(self) -> Command:
        """Begin to apply exactly that plan; here too the provider checks lifecycles for most of a minute."""
        return self._deploy("apply", "--env", ENVIRONMENT)

    def applied(self) -> str:
        """What the last apply did, in Terraform's words."""
        lines = self._log("apply").read_text(encoding="utf-8").splitlines()
        return next((line for line in reversed(lines) if line.startswith("Apply complete!")), "no apply was completed")

    def planned(self) -> Planned:
        """What the saved plan creates, and the outputs that it knows."""
        shown = self._terraform(self.source.terraform, "show", "-json", str(plan_of(self.source, ENVIRONMENT)))
        plan = json.loads(shown)
        created = [
            change["address"] for change in plan["resource_changes"] if change["change"]["actions"] == ["create"]
        ]
        outputs = plan["planned_values"]["outputs"]
        known = {name: output["value"] for name, output in outputs.items() if "value" in output}
        return Planned(frozenset(created), known)

    def await_created(self, planned: Planned, apply: Command) -> None:
        """Wait until everything but lifecycles is created. Raises `RunFailed` when the apply failed."""
        log = self._log("apply")
        wanted = {address for address in planned.resources if _SLOW not in address}

        def all_created() -> bool:
            return wanted <= set(_CREATED.findall(log.read_text(encoding="utf-8", errors="replace")))

        self._wait(apply, all_created)

    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs of the lake."""
        outputs = json.loads(self._terraform(self.source.terraform, "output", "-json"))
        return {name: output["value"] for name, output in outputs.items()}

    def destroy(self) -> None:
        """Destroy the lake, then what bootstrap created; buckets are emptied first, as terraform/README.md requires.

        What bootstrap created is protected from everybody but the account's root user, so that one destroys it.
        """
        values = f"-var-file={self.source.environments / f'{ENVIRONMENT}.tfvars'}"
        self._empty_buckets(keep=(STATE, ARTIFACTS))
        self._terraform(self.source.terraform, "destroy", "-auto-approve", values)
        self._empty_buckets()
        given = (f"-var=region={REGION}", f'-var=allowed_account_ids=["{ACCOUNT}"]')
        root = self.emulator.env({})
        as_root = self.signed_in({**{name: root[name] for name in root if "_KEY" in name}, "AWS_SESSION_TOKEN": ""})
        as_root._terraform(self.source.terraform / "bootstrap", "destroy", "-auto-approve", *given)

    def left(self) -> list[str]:
        """Buckets, jobs, machines, queues and roles that still exist although everything was destroyed."""
        listings = {
            "bucket": ("s3", "list_buckets", "Buckets", "Name"),
            "job": ("glue", "get_jobs", "Jobs", "Name"),
            "database": ("glue", "get_databases", "DatabaseList", "Name"),
            "machine": ("stepfunctions", "list_state_machines", "stateMachines", "name"),
            "schedule": ("scheduler", "list_schedules", "Schedules", "Name"),
            "rule": ("events", "list_rules", "Rules", "Name"),
            "topic": ("sns", "list_topics", "Topics", "TopicArn"),
            "role": ("iam", "list_roles", "Roles", "RoleName"),
            "function": ("lambda", "list_functions", "Functions", "FunctionName"),
        }
        return [
            f"{kind} {entry[name]}"
            for kind, (service, call, within, name) in listings.items()
            for entry in getattr(self.emulator.client(service), call)()[within]
        ]

    def _empty_buckets(self, keep: tuple[str, ...] = ()) -> None:
        s3 = self.emulator.client("s3")  # the account's own key: a protected bucket lets nobody else delete versions
        for bucket in (entry["Name"] for entry in s3.list_buckets()["Buckets"]):
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket) if bucket not in keep else ():
                versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                if versions:
                    named = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
                    s3.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})

    def _deploy(self, step: str, *words: str) -> Command:
        words = (sys.executable, "-m", "headgate.deploy", step, *words, "--checkout", str(self.source.root))
        return Command(f"headgate.deploy {step}", words, self.source.root, self.env, self._log(step))

    def _terraform(self, folder: Path, *words: str) -> str:
        log = self._log(f"terraform-{words[0]}-{folder.name}")
        quiet = {**self.env, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        if folder == self.source.terraform:
            quiet["TF_DATA_DIR"] = data_folder(f"{LAKE}/{ENVIRONMENT}.tfstate")
        Command(f"terraform {words[0]}", ("terraform", *words), folder, quiet, log).wait()
        return log.read_text(encoding="utf-8")

    def _log(self, name: str) -> Path:
        return self.emulator.folder / f"{name}.log"
