"""The permissions that IAM would require for calls: each an action on a resource, with values for conditions.

The actions and their resources come from AWS's service authorization reference, in the copy that parliament ships.
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

TRANSLATIONS: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("iam_actions.yaml").read_text())
PREFIXES = {"monitoring": "cloudwatch"}  # a service's name in a request's signature: the prefix of its actions
ANY = "{any}"  # in a resource: a name that the call does not contain
KEY = re.compile(r"KMSMasterKeyID>([^<]+)<")
BOUNDARY = "PermissionsBoundary"
ROLE = re.compile(r"arn:aws:iam::\d{12}:role/\S+")


@dataclass(frozen=True)
class Need:
    """An action on a resource, and the values that a statement's conditions may test."""

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
        service["prefix"]: {
            "actions": {action["privilege"]: action["resource_types"] for action in service["privileges"]},
            "resources": {kind["resource"].lower(): kind["arn"] for kind in service["resources"]},
        }
        for service in services
    }


def needs(call: Call, keys: Mapping[str, str]) -> Iterator[Need]:
    """Everything that IAM checks for a call, with what `keys_of` found in all calls."""
    prefix = PREFIXES.get(call.service, call.service)
    if f"{prefix}:{call.operation}" in TRANSLATIONS["free"]:
        return
    call = _with_boundary(_without_alias(call, keys), keys)
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
    """The ARN of the key of each alias and each bucket, and of each role's boundary, from the calls that set them."""
    keys = dict[str, str]()
    for call in calls:
        if call.operation == "CreateAlias":
            keys[call.parameters["AliasName"]] = (
                f"arn:aws:kms:{call.region}:{call.account}:key/{call.parameters['TargetKeyId']}"
            )
        if call.operation == "CreateRole" and BOUNDARY in call.parameters:
            keys[call.parameters["RoleName"]] = call.parameters[BOUNDARY]
        if call.operation == "PutBucketEncryption" and (key := KEY.search(call.parameters["body"])):
            keys[call.parameters["Bucket"]] = key[1]
    return keys


def _without_alias(call: Call, keys: Mapping[str, str]) -> Call:
    """The call with the key instead of its alias, because IAM checks the key."""
    key = keys.get(call.parameters.get("KeyId", "")) if call.service == "kms" else None
    return replace(call, parameters={**call.parameters, "KeyId": key}) if key else call


def _with_boundary(call: Call, keys: Mapping[str, str]) -> Call:
    """The call with its role's boundary, which conditions may test."""
    boundary = keys.get(call.parameters.get("RoleName", "")) if call.service == "iam" else None
    return replace(call, parameters={BOUNDARY: boundary, **call.parameters}) if boundary else call


def _action(prefix: str, call: Call) -> str:
    action = TRANSLATIONS["actions"].get(prefix, {}).get(call.operation, call.operation)
    if prefix == "s3" and "versionId" in call.parameters:
        action = TRANSLATIONS["of_a_version"][action]
    if action not in _reference()[prefix]["actions"]:
        raise LookupError(
            f"AWS has no action {prefix}:{action}; write into iam_actions.yaml which action {call.operation} needs"
        )
    return action


def _tagged(prefix: str, action: str, call: Call) -> Iterator[Need]:
    """Creating something with tags also requires the permission to tag it."""
    creates = call.operation.startswith(("Create", "Put")) and prefix != "s3"
    tagged = any(name.startswith(("Tags", "tags", "ResourceTags")) and tags for name, tags in call.parameters.items())
    if not creates or not tagged or f"{prefix}:TagResource" in TRANSLATIONS["not_needed"]:
        return
    kind = TRANSLATIONS["tagged"].get(prefix, {}).get(call.operation)
    tags = TRANSLATIONS["tagging"].get(prefix, {}).get(call.operation, "TagResource")
    for resource in [_arn(prefix, kind, call) or ""] if kind else _resources(prefix, action, call):
        yield Need(f"{prefix}:{tags}", resource)


def _passed(prefix: str, action: str, call: Call) -> Iterator[Need]:
    """The permission to pass roles to the service, and the other actions on which this one depends."""
    roles = set[str]() if prefix in ("iam", "sts") else {value for _, value in call.values() if ROLE.fullmatch(value)}
    for role in sorted(roles):
        yield Need("iam:PassRole", role, (("iam:PassedToService", f"{prefix}.amazonaws.com"),))
    kinds = _reference()[prefix]["actions"][action]
    others = {action for kind in kinds for action in kind["dependent_actions"]} - {"iam:PassRole"}
    for other in sorted(others - set(TRANSLATIONS["not_needed"])):
        yield from _on_resources(*other.split(":"), call)


def _on_resources(prefix: str, action: str, call: Call) -> Iterator[Need]:
    context = [("aws:RequestedRegion", call.region)]
    context += [("iam:PolicyARN", call.parameters["PolicyArn"])] if "PolicyArn" in call.parameters else []
    context += [("iam:PermissionsBoundary", call.parameters[BOUNDARY])] if BOUNDARY in call.parameters else []
    if call.service == "lambda" and "FunctionName" in call.parameters:
        named = call.parameters["FunctionName"].rpartition(":")[2]
        context.append(("lambda:FunctionArn", f"arn:aws:lambda:{call.region}:{call.account}:function:{named}"))
    context += [("s3:if-none-match", call.headers["if-none-match"])] if "if-none-match" in call.headers else []
    for resource in _resources(prefix, action, call):
        yield Need(f"{prefix}:{action}", resource, tuple(context))


def _resources(prefix: str, action: str, call: Call) -> list[str]:
    """An action's ARNs: those that the reference requires, else one that the call names; `*` if AWS has none."""
    kinds = [kind["resource_type"] for kind in _reference()[prefix]["actions"][action] if kind["resource_type"]]
    if not kinds:
        return ["*"]
    own = [value for _, value in call.values() if value.startswith(f"arn:aws:{prefix}:")]
    arns = {kind: _arn(prefix, kind.rstrip("*"), call) for kind in kinds}
    required = [arn for kind, arn in arns.items() if kind.endswith("*") and arn]
    resources = required or own[:1] or [arn for arn in arns.values() if arn][:1]
    if not resources:
        raise LookupError(f"{prefix}:{action}: iam_actions.yaml names no parameter for the {' or '.join(kinds)}")
    return resources


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
        value = _named(prefix, name, call)
        if value is None:
            return None
        filled = filled.replace(f"${{{name}}}", value)
    return filled


def _named(prefix: str, name: str, call: Call) -> str | None:
    values = dict(call.values())
    for path in TRANSLATIONS["names"].get(prefix, {}).get(name, ()):
        if path == "=":
            return ANY
        if path in values:
            return _bare(values[path], name)
    return None


def _bare(value: str, name: str) -> str:
    """The name within a parameter's value: an alias has a prefix, a queue and a provider have an address."""
    if name == "QueueName":
        return value.rpartition("/")[2]
    return value.removeprefix("alias/").removeprefix("https://") if name in ("Alias", "OidcProviderName") else value
