"""What calls need of IAM, held against policies: action, resource and condition of each statement.

The actions with their resources come from AWS's service authorization reference, in the copy that parliament ships.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from calls import Call

SAID: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("iam_actions.yaml").read_text())
PREFIXES = {"monitoring": "cloudwatch"}  # the name a request is signed for: what its actions begin with
ANY = "{any}"  # in a resource: a name that the call does not tell
KEY = re.compile(r"KMSMasterKeyID>([^<]+)<")
ROLE = re.compile(r"arn:aws:iam::\d{12}:role/\S+")


@dataclass(frozen=True)
class Need:
    """An action on a resource, and what the conditions of a statement may ask about it."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@cache
def _reference() -> dict[str, dict[str, Any]]:
    """AWS's services by prefix, each with its actions and resources by name."""
    python = Path(shutil.which("parliament") or "parliament").parent / "python"
    find = "import importlib.util; print(importlib.util.find_spec('parliament').origin)"
    done = subprocess.run([str(python), "-c", find], capture_output=True, text=True, check=True)
    services = json.loads(Path(done.stdout.strip()).with_name("iam_definition.json").read_text())
    return {
        one["prefix"]: {
            "actions": {action["privilege"]: action["resource_types"] for action in one["privileges"]},
            "resources": {kind["resource"].lower(): kind["arn"] for kind in one["resources"]},
        }
        for one in services
    }


def needs(call: Call, keys: Mapping[str, str]) -> Iterator[Need]:
    """Everything that IAM is asked about a call. `keys` has the key of each alias, and of each bucket that encrypts."""
    prefix = PREFIXES.get(call.service, call.service)
    if f"{prefix}:{call.operation}" in SAID["free"]:
        return
    call = _without_alias(call, keys)
    action = _action(prefix, call)
    yield from _on_resources(prefix, action, call)
    yield from _tagged(prefix, action, call)
    if prefix == "s3" and "x-amz-tagging" in call.headers:
        yield from _on_resources(prefix, "PutObjectTagging", call)
    if prefix == "s3" and "Key" in call.parameters and call.parameters["Bucket"] in keys:
        means = {"GetObject": "kms:Decrypt", "PutObject": "kms:GenerateDataKey"}.get(call.operation)
        yield from [Need(means, keys[call.parameters["Bucket"]])] if means else []
    yield from _passed(prefix, action, call)


def keys_of(calls: Iterable[Call]) -> dict[str, str]:
    """The ARN of the key behind each alias and each bucket, as the calls that set them say."""
    found = dict[str, str]()
    for call in calls:
        if call.operation == "CreateAlias":
            found[call.parameters["AliasName"]] = (
                f"arn:aws:kms:{call.region}:{call.account}:key/{call.parameters['TargetKeyId']}"
            )
        if call.operation == "PutBucketEncryption" and (said := KEY.search(call.parameters["body"])):
            found[call.parameters["Bucket"]] = said[1]
    return found


def _without_alias(call: Call, keys: Mapping[str, str]) -> Call:
    """The call with the key instead of its alias, which is what IAM looks at."""
    key = keys.get(call.parameters.get("KeyId", "")) if call.service == "kms" else None
    return replace(call, parameters={**call.parameters, "KeyId": key}) if key else call


def _action(prefix: str, call: Call) -> str:
    action = SAID["actions"].get(prefix, {}).get(call.operation, call.operation)
    if prefix == "s3" and "versionId" in call.parameters:
        action = SAID["of_a_version"][action]
    if action not in _reference()[prefix]["actions"]:
        raise LookupError(f"AWS knows no action {prefix}:{action}; say in iam_actions.yaml what {call.operation} needs")
    return action


def _tagged(prefix: str, action: str, call: Call) -> Iterator[Need]:
    """Who makes something with tags also tags it."""
    makes = call.operation.startswith(("Create", "Put")) and prefix != "s3"
    named = any(name.startswith(("Tags", "tags", "ResourceTags")) and one for name, one in call.parameters.items())
    if not makes or not named or f"{prefix}:TagResource" in SAID["not_needed"]:
        return
    kind = SAID["tagged"].get(prefix, {}).get(call.operation)
    tags = SAID["tagging"].get(prefix, {}).get(call.operation, "TagResource")
    for resource in [_arn(prefix, kind, call) or ""] if kind else _resources(prefix, action, call):
        yield Need(f"{prefix}:{tags}", resource)


def _passed(prefix: str, action: str, call: Call) -> Iterator[Need]:
    """Roles that are handed to the service, and the other actions that AWS makes depend on this one."""
    passed = {value for _, value in call.values() if ROLE.fullmatch(value)} if prefix != "iam" else set[str]()
    for role in sorted(passed):
        yield Need("iam:PassRole", role, (("iam:PassedToService", f"{prefix}.amazonaws.com"),))
    kinds = _reference()[prefix]["actions"][action]
    others = {one for kind in kinds for one in kind["dependent_actions"]} - {"iam:PassRole"}
    for one in sorted(others - set(SAID["not_needed"])):
        yield from _on_resources(*one.split(":"), call)


def _on_resources(prefix: str, action: str, call: Call) -> Iterator[Need]:
    context = [("aws:RequestedRegion", call.region)]
    context += [("iam:PolicyARN", call.parameters["PolicyArn"])] if "PolicyArn" in call.parameters else []
    context += [("s3:if-none-match", call.headers["if-none-match"])] if "if-none-match" in call.headers else []
    for resource in _resources(prefix, action, call):
        yield Need(f"{prefix}:{action}", resource, tuple(context))


def _resources(prefix: str, action: str, call: Call) -> list[str]:
    """The ARNs an action is about: what its reference insists on, else what the call names; `*` where AWS has none."""
    kinds = [kind["resource_type"] for kind in _reference()[prefix]["actions"][action] if kind["resource_type"]]
    if not kinds:
        return ["*"]
    own = [value for _, value in call.values() if value.startswith(f"arn:aws:{prefix}:")]
    made = {kind: _arn(prefix, kind.rstrip("*"), call) for kind in kinds}
    insisted = [arn for kind, arn in made.items() if kind.endswith("*") and arn]
    found = insisted or own[:1] or [arn for arn in made.values() if arn][:1]
    if not found:
        raise LookupError(f"{prefix}:{action}: iam_actions.yaml does not say what names the {' or '.join(kinds)}")
    return found


def _arn(prefix: str, kind: str, call: Call) -> str | None:
    template = _reference()[prefix]["resources"][kind.lower()]
    own = re.compile(re.sub(r"\\\$\\{\w+\\}", ".+", re.escape(template)))
    for _, value in call.values():
        if own.fullmatch(value):
            return value
    filled = (
        template.replace("${Partition}", "aws").replace("${Region}", call.region).replace("${Account}", call.account)
    )
    for name in re.findall(r"\$\{(\w+)\}", filled):
        said = _named(prefix, name, call)
        if said is None:
            return None
        filled = filled.replace(f"${{{name}}}", said)
    return filled


def _named(prefix: str, name: str, call: Call) -> str | None:
    values = dict(call.values())
    for path in SAID["names"].get(prefix, {}).get(name, ()):
        if path == "=":
            return ANY
        if path in values:
            return _bare(values[path], name)
    return None


def _bare(value: str, name: str) -> str:
    """The name within what a parameter says: an alias with its prefix, a queue's address, a provider's."""
    if name == "QueueName":
        return value.rpartition("/")[2]
    return value.removeprefix("alias/").removeprefix("https://") if name in ("Alias", "OidcProviderName") else value
