"""A state machine's calls of AWS, compared with the service models that botocore ships.

Step Functions capitalises the members of an SDK call, as the Java SDK does; the models do not always. The value of an
expression is known only when a machine runs, so a sample of the member's type replaces it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

SDK = re.compile(r"^arn:aws:states:::(?:aws-sdk:)?(?P<service>\w+):(?P<action>\w+)(?:\.(?:sync|sync:2))?$")
NAMES = {"sfn": "stepfunctions"}  # Step Functions' name of a service: botocore's name, if they differ
SAMPLES: Mapping[str, Any] = {
    "string": "x" * 36, "integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True, "blob": b"x",
    "timestamp": "2026-01-01T00:00:00Z", "list": [], "map": {},
}  # fmt: skip
WAITED_FOR = {"athena:startQueryExecution": "athena:getQueryExecution", "glue:startJobRun": "glue:getJobRun"}
ERRORS_OF_EVERY_SERVICE = {"ThrottlingException"}  # AWS documents it among the errors common to all actions
PATH = re.compile(r"\$states\.result((?:\.[A-Za-z]\w*|\[\d+\])+)")


@cache
def service(name: str) -> ServiceModel:
    """The model of a service by Step Functions' name."""
    return botocore.session.Session().get_service_model(NAMES.get(name, name))


def operation(resource: str) -> OperationModel:
    """The operation that a task's resource names."""
    call = SDK.match(resource)
    if not call:
        raise LookupError(f"`{resource}` is not a call that this test knows")
    action = call["action"]
    model: Any = service(call["service"])
    name = action[0].upper() + action[1:]
    if name not in model.operation_names or action[0].isupper():
        raise LookupError(f"`{resource}`: {call['service']} has no `{action}`")
    return model.operation_model(name)


def request_faults(resource: str, arguments: Mapping[str, Any]) -> list[str]:
    """The parts of a task's arguments that the service would not understand."""
    shape = operation(resource).input_shape
    faults = list[str]()
    report = ParamValidator().validate(_filled(arguments, shape, faults, ""), shape)
    return faults + ([report.generate_report()] if report.has_errors() else [])


def _filled(value: Any, shape: Any, faults: list[str], path: str) -> Any:
    """The arguments in the model's spelling, with samples for expressions; adds what is unknown to `faults`."""
    if isinstance(value, str) and value.startswith("{%"):
        return _sample(shape)
    if isinstance(value, dict) and shape.type_name == "structure":
        by_name = {member[0].upper() + member[1:]: member for member in shape.members}
        named = {by_name.get(name, f"{name} (unknown)"): (name, part) for name, part in value.items()}
        faults += [f"{path}.{name}: not one of {sorted(by_name)}" for name in value if name not in by_name]
        return {
            member: _filled(part, shape.members[member], faults, f"{path}.{name}")
            for member, (name, part) in named.items()
            if member in shape.members
        }
    if isinstance(value, dict) and shape.type_name == "map":
        return {name: _filled(part, shape.value, faults, f"{path}.{name}") for name, part in value.items()}
    if isinstance(value, list) and shape.type_name == "list":
        return [_filled(part, shape.member, faults, f"{path}[]") for part in value]
    if isinstance(value, str) and shape.type_name == "string" and shape.enum and value not in shape.enum:
        faults.append(f"{path}: `{value}` is not one of {shape.enum}")
    return value


def _sample(shape: Any) -> Any:
    if shape.type_name == "structure":
        return {name: _sample(shape.members[name]) for name in shape.required_members}
    return SAMPLES[shape.type_name]


def _answer(resource: str) -> Any:
    """The shape of a task's result; a `.sync` call answers with the description of its end."""
    if not resource.endswith(".sync"):
        return operation(resource).output_shape
    describing = WAITED_FOR[resource.removesuffix(".sync").rpartition(":::")[2]]
    return operation(f"arn:aws:states:::aws-sdk:{describing}").output_shape


def result_faults(resource: str, texts: Iterator[str]) -> list[str]:
    """The parts of a task's result that expressions read, but the service does not answer."""
    shape, faults = _answer(resource), []
    for text in texts:
        for path in PATH.findall(text):
            reached: Shape | None = shape
            for part in re.findall(r"\w+", path):
                reached = _member(reached, part) if reached is not None else None
            if reached is None:
                faults.append(f"$states.result{path}: no such answer")
    return faults


def _member(shape: Any, part: str) -> Shape | None:
    if shape.type_name == "list":
        return shape.member if part.isdigit() else None
    if shape.type_name == "map":
        return shape.value
    if shape.type_name != "structure":
        return None
    return {name[0].upper() + name[1:]: member for name, member in shape.members.items()}.get(part)


def known_error(name: str) -> bool:
    """True when a service's model has the error: `<Service>.<Error>Exception`, or the service's own `…Exception`."""
    if name.startswith("States."):
        return name in {
            "States.ALL", "States.DataLimitExceeded", "States.Permissions", "States.Runtime", "States.TaskFailed",
            "States.Timeout",
        }  # fmt: skip
    prefix, _, error = name.partition(".")
    model = service(prefix.lower())
    shapes = {shape if shape.endswith("Exception") else f"{shape}Exception" for shape in _error_shapes(model)}
    return error in shapes | ERRORS_OF_EVERY_SERVICE | {f"{prefix}Exception"}


def _error_shapes(model: Any) -> set[str]:
    return {shape.name for shape in model.error_shapes}
