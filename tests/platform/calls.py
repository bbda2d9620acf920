"""What a request asks of AWS: the service, the operation by botocore's models, and its parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

import botocore.session
from emulator import ACCOUNT
from recorder import Request

SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
MODELS = {"monitoring": "cloudwatch", "states": "stepfunctions"}  # the name a request is signed for: botocore's


@dataclass(frozen=True)
class Call:
    """One call of AWS's API; `service` is the name that it is signed for, which most IAM actions begin with."""

    during: str
    service: str
    region: str
    operation: str
    parameters: Mapping[str, Any]
    headers: Mapping[str, str]
    account: str = ACCOUNT

    def values(self) -> Iterator[tuple[str, str]]:
        """Every text among the parameters with its path, such as `TableInput.Name`."""
        return _texts(self.parameters, "")


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path.removeprefix("."), value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(one, f"{path}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, path)


def called(request: Request) -> Call:
    """The call that a request makes. Raises LookupError for one that is signed for nothing, or that no model has."""
    signed = SIGNED_FOR.search(request.headers.get("authorization", ""))
    if not signed:
        raise LookupError(f"{request.method} {request.path} is not signed")
    operation, parameters = _asked(request, signed["service"])
    return Call(request.during, signed["service"], signed["region"], operation, parameters, request.headers)


def _asked(request: Request, service: str) -> tuple[str, dict[str, Any]]:
    target = request.headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        return target, json.loads(request.body)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(request.body.decode()))
        return form.pop("Action"), form
    return _by_path(request, service)


def _by_path(request: Request, service: str) -> tuple[str, dict[str, Any]]:
    """The operation that fits, and among several the one that asks for most of query and headers."""
    query = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
    found = [
        (len(one.query) + len(one.needs), one.name, fits.groupdict())
        for one in _operations(service)
        if one.method == request.method and (fits := one.path.fullmatch(request.path)) and one.fits(query, request)
    ]
    if not found:
        raise LookupError(f"{service} has no {request.method} {request.path}?{request.query}")
    _, name, named = max(found, key=lambda one: one[0])
    if service == "s3":  # what an object holds is nobody's business, what a bucket is told is
        body = {} if "Key" in named else {"body": request.body.decode()}
    else:
        body = json.loads(request.body or "{}")
    return name, {**body, **query, **{part: unquote(value) for part, value in named.items()}}


@dataclass(frozen=True)
class _Operation:
    """How an operation of a service that speaks REST is recognised."""

    name: str
    method: str
    path: re.Pattern[str]
    query: Mapping[str, str]  # what the query must say; an empty value stands for any
    needs: frozenset[tuple[str, str]]  # ("querystring", "uploadId"), ("header", "x-amz-copy-source")

    def fits(self, query: Mapping[str, str], request: Request) -> bool:
        """True when query and headers have what the operation cannot do without."""
        there = {("querystring", name) for name in query} | {("header", name) for name in request.headers}
        return self.needs <= there and all(
            key in query and want in ("", query[key]) for key, want in self.query.items()
        )


@cache
def _operations(service: str) -> list[_Operation]:
    model: Any = botocore.session.Session().get_service_model(MODELS.get(service, service))
    every = [model.operation_model(name) for name in model.operation_names]
    return [_operation(one) for one in every if not one.deprecated]


def _operation(model: Any) -> _Operation:
    path, _, query = model.http["requestUri"].partition("?")
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", path))
    shape = model.input_shape
    places = [shape.members[name].serialization for name in shape.required_members] if shape else []
    needs = frozenset((one["location"], one["name"].lower() if one["location"] == "header" else one["name"])
                      for one in places if one.get("location") in ("querystring", "header"))  # fmt: skip
    fixed = dict(parse_qsl(query, keep_blank_values=True))
    return _Operation(model.name, model.http["method"], re.compile(pattern), fixed, needs)
