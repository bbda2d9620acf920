"""AWS clients that answer from a Python function, through botocore's Stubber.

botocore validates each request as for the real service, and the Stubber validates each answer against the service's own
model. An answer that the service could not give fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import boto3
from botocore import xform_name
from botocore.stub import Stubber

from headgate.verify.clients import AwsClients, clients

Answer = Callable[[str, Mapping[str, Any], str], Mapping[str, Any]]  # operation, parameters, service


class Refuse(Exception):
    """The service answers with an error of this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Time:
    """A clock that moves only when `sleep` is called; it calls `tick` for every second that passes."""

    def __init__(self, now: datetime) -> None:
        self.at = now
        self.tick: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        until = self.at + timedelta(seconds=seconds)
        while self.at < until:
            self.at = min(self.at + timedelta(seconds=1), until)
            self.tick()


# One session for all tests, because loading the models of the services is slow.
_SESSION = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="eu-west-1")


class StubbedSession:
    """A session whose clients answer from `answer(operation, parameters, service)`, which may raise `Refuse`."""

    region_name = "eu-west-1"

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def client(self, service: str, region_name: str) -> Any:
        client = _SESSION.client(service, region_name=region_name)
        _answer_from(client, self._answer, service)
        return client


def stubbed(answer: Answer) -> AwsClients:
    """Return one stubbed client per service that the probes use."""
    return clients(StubbedSession(answer), "eu-west-1")


def _answer_from(client: Any, answer: Answer, service: str) -> None:
    stubber = Stubber(client)
    stubber.activate()

    def prepare(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        method = xform_name(model.name)
        try:
            stubber.add_response(method, dict(answer(model.name, params, service)))
        except Refuse as refused:
            stubber.add_client_error(method, refused.code, "as the test wants it")

    client.meta.events.register("provide-client-params.*.*", prepare)
