"""The call that a request makes: the service, the operation by botocore's models, and its parameters."""

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
from nested import texts_in
from recorder import Request

SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
MODELS = {"monitoring": "cloudwatch", "states": "stepfunctions"}  # a service's name in a signature: botocore's name


@dataclass(frozen=True)
class Call:
    """One call of AWS's API; `service` is its name in the signature, with which most IAM actions begin."""

    during: str
    service: str
    region: str
    operation: str
    parameters: Mapping[str, Any]
    headers: Mapping[str, str]
    account: str = ACCOUNT

    def values(self) -> Iterator[tuple[str, str]]:
        """Every text in the parameters with its path, such as `TableInput.Name`."""
        return texts_in(self.parameters)


def called(request: Request) -> Call:
    """The call that a request makes. Raises LookupError for a request without a signature, or without a model."""
    signed = SIGNED_FOR.search(request.headers.get("authorization", ""))
    if not signed:
        raise LookupError(f"{request.method} {request.path} is not signed")
    operation, parameters = _operation_of(request, signed["service"])
    return Call(request.during, signed["service"], signed["region"], operation, parameters, request.headers)


def _operation_of(request: Request, service: str) -> tuple[str, dict[str, Any]]:
    target = request.headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        return target, json.loads(request.body)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(request.body.decode()))
        return form.pop("Action"), form
    return _by_path(request, service)


def _by_path(request: Request, service: str) -> tuple[str, dict[str, Any]]:
    """The operation that matches; of several, the one that requires most of query and headers."""
    query = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
    matching = [
        (len(operation.query) + len(operation.needs), operation.name, parts.groupdict())
        for operation in _operations(service)
        if operation.method == request.method
        and (parts := operation.path.fullmatch(request.path))
        and operation.fits(query, request)
    ]
    if not matching:
        raise LookupError(f"{service} has no {request.method} {request.path}?{request.query}")
    _, name, in_path = max(matching, key=lambda match: match[0])
    if service == "s3":  # a bucket's settings matter here, an object's content does not
        body = {} if "Key" in in_path else {"body": request.body.decode()}
    else:
        body = json.loads(request.body or "{}")
    return name, {**body, **query, **{part: unquote(value) for part, value in in_path.items()}}


@dataclass(frozen=True)
class _Operation:
    """How to recognise an operation of a REST service."""

    name: str
    method: str
    path: re.Pattern[str]
    query: Mapping[str, str]  # the required query; an empty value matches any
    needs: frozenset[tuple[str, str]]  # ("querystring", "uploadId"), ("header", "x-amz-copy-source")

    def fits(self, query: Mapping[str, str], request: Request) -> bool:
        """True when query and headers have everything that the operation requires."""
        given = {("querystring", name) for name in query} | {("header", name) for name in request.headers}
        return self.needs <= given and all(
            key in query and want in ("", query[key]) for key, want in self.query.items()
        )


@cache
def _operations(service: str) -> list[_Operation]:
    model: Any = botocore.session.Session().get_service_model(MODELS.get(service, service))
    operations = [model.operation_model(name) for name in model.operation_names]
    return [_operation(operation) for operation in operations if not operation.deprecated]


def _operation(model: Any) -> _Operation:
    path, _, query = model.http["requestUri"].partition("?")
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", path))
    shape = model.input_shape
    places = [shape.members[name].serialization for name in shape.required_members] if shape else []
    needs = frozenset(
        (place["location"], place["name"].lower() if place["location"] == "header" else place["name"])
        for place in places
        if place.get("location") in ("querystring", "header")
    )
    fixed = dict(parse_qsl(query, keep_blank_values=True))
    return _Operation(model.name, model.http["method"], re.compile(pattern), fixed, needs)
