"""Whether a request is allowed: a row per rule of AWS's documentation, each with the rule in words.

The rules are those of the IAM user guide ("Policy evaluation logic", "Permissions boundaries", "Session policies",
"Condition operators", "Multivalued context keys", "Variables and tags") and of the guides of KMS ("Key policies") and
STS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from rehearsal.iam.conditions import Keys, fulfilled
from rehearsal.iam.evaluate import Policies, Principal, Request, ResourcePolicy, decide
from rehearsal.iam.policy import statements_of

ACCOUNT, OTHER = "111111111111", "222222222222"
ROOT, ROLE = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:role/analyst"
SESSION, USER = f"arn:aws:sts::{ACCOUNT}:assumed-role/analyst/ann", f"arn:aws:iam::{ACCOUNT}:user/ann"
ANALYST = Principal("role", ROLE, ACCOUNT, SESSION)
ANN = Principal("user", USER, ACCOUNT)
GUEST = Principal("role", f"arn:aws:iam::{OTHER}:role/guest", OTHER, f"arn:aws:sts::{OTHER}:assumed-role/guest/x")
EVENTS = Principal("service", "events.amazonaws.com")
OBJECT = "arn:aws:s3:::lake/a"


def allow(action: str = "s3:GetObject", principal: Any = None, **more: Any) -> dict[str, Any]:
    named = {"Principal": principal} if principal else {}
    return {"Effect": "Allow", "Action": action, "Resource": "*", **named, **more}


def deny(action: str = "s3:GetObject", principal: Any = None, **more: Any) -> dict[str, Any]:
    return {**allow(action, principal, **more), "Effect": "Deny"}


@dataclass
class Row:
    """A rule in words, the policies and the caller of a request to read an object, and what decides."""

    rule: str
    reason: str
    identity: list[Any] = field(default_factory=list)
    limits: list[list[Any]] = field(default_factory=list)
    resource: list[Any] | None = None
    consent: bool = False
    principal: Principal = ANALYST


TLS = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
LOGIC = [
    Row("By default every request is denied", "identity"),
    Row("An allow in an identity policy overrides the default", "allowed", [allow()]),
    Row("A deny in any policy overrides every allow: identity", "deny", [allow(), deny()]),
    Row("A deny in any policy overrides every allow: boundary", "deny", [allow()], [[allow(), deny()]]),
    Row("A deny in any policy overrides every allow: resource", "deny", [allow()], [], [deny(principal="*")]),
    Row("A deny of an account denies every principal in it", "deny", [allow()], [], [deny(principal={"AWS": ROOT})]),
    Row("A deny of somebody else denies nobody here", "allowed", [allow()], [], [deny(principal={"AWS": USER})]),
    Row("A boundary allows nothing by itself", "identity", [], [[allow()]]),
    Row("With a boundary, both must allow", "allowed", [allow()], [[allow()]]),
    Row("What the boundary does not allow is denied", "limit", [allow()], [[allow("s3:PutObject")]]),
    Row("A session's policy narrows what the role may", "limit", [allow()], [[allow()], [allow("s3:PutObject")]]),
    Row(
        "In one account, an allow in the resource's policy is enough",
        "allowed",
        [],
        [],
        [allow(principal={"AWS": ROLE})],
    ),
    Row(
        "A resource's policy that names the account leaves it to identity policies",
        "identity",
        [],
        [],
        [allow(principal={"AWS": ROOT})],
    ),
    Row("The account's ID means the same as its root", "identity", [], [], [allow(principal={"AWS": ACCOUNT})]),
    Row(
        "… and is no condition where an identity policy allows",
        "allowed",
        [allow()],
        [],
        [allow("s3:PutObject", {"AWS": ROOT})],
    ),
    Row(
        "A resource's allow for a role is limited by a boundary",
        "identity",
        [],
        [[allow("s3:PutObject")]],
        [allow(principal={"AWS": ROLE})],
    ),
    Row(
        "A resource's allow for a session is limited by none",
        "allowed",
        [],
        [[allow("s3:PutObject")]],
        [allow(principal={"AWS": SESSION})],
    ),
    Row(
        "A resource's allow for a user is limited by no boundary",
        "allowed",
        [],
        [[allow("s3:PutObject")]],
        [allow(principal={"AWS": USER})],
        principal=ANN,
    ),
    Row(
        "… and one for another user helps nobody",
        "identity",
        [],
        [],
        [allow(principal={"AWS": f"{USER}a"})],
        principal=ANN,
    ),
    Row(
        "From another account, the resource's policy must allow",
        "resource",
        [allow()],
        [],
        [allow(principal={"AWS": ROLE})],
        principal=GUEST,
    ),
    Row(
        "From another account, the caller's own policies must allow too",
        "identity",
        [],
        [],
        [allow(principal={"AWS": OTHER})],
        principal=GUEST,
    ),
    Row(
        "From another account, both together allow",
        "allowed",
        [allow()],
        [],
        [allow(principal={"AWS": OTHER})],
        principal=GUEST,
    ),
    Row(
        "A service has no identity policy: the resource must name it",
        "resource",
        [],
        [],
        [allow(principal={"AWS": ROOT})],
        principal=EVENTS,
    ),
    Row(
        "A service that the resource names is allowed",
        "allowed",
        [],
        [],
        [allow(principal={"Service": EVENTS.arn})],
        principal=EVENTS,
    ),
    Row(
        "A key's policy must allow, or nobody may",
        "resource",
        [allow()],
        [],
        [allow(principal={"AWS": USER})],
        consent=True,
    ),
    Row(
        "A key's policy that enables IAM policies leaves it to them: allowed",
        "allowed",
        [allow()],
        [],
        [allow(principal={"AWS": ROOT})],
        consent=True,
    ),
    Row(
        "A key's policy that enables IAM policies leaves it to them: refused",
        "identity",
        [],
        [],
        [allow(principal={"AWS": ROOT})],
        consent=True,
    ),
    Row(
        "A key's policy that names the role needs no identity policy",
        "allowed",
        [],
        [],
        [allow(principal={"AWS": ROLE})],
        consent=True,
    ),
    Row(
        "A trust that does not name the caller refuses, whatever identity policies say",
        "resource",
        [allow()],
        [],
        [allow(principal={"Service": EVENTS.arn})],
        consent=True,
    ),
    Row(
        "NotAction allows every other action",
        "allowed",
        [{"Effect": "Allow", "NotAction": "s3:PutObject", "Resource": "*"}],
    ),
    Row("NotAction does not cover its own", "identity", [{"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}]),
    Row(
        "NotResource denies every other resource",
        "deny",
        [allow(), {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::lake/b"}],
    ),
    Row(
        "NotResource does not cover its own",
        "allowed",
        [allow(), {"Effect": "Deny", "Action": "s3:*", "NotResource": OBJECT}],
    ),
    Row("The case of actions does not count", "allowed", [allow("S3:getobject")]),
    Row("The case of resources counts", "identity", [{**allow(), "Resource": OBJECT.upper()}]),
    Row(
        "What the rehearsal cannot tell helps the caller: an allow",
        "allowed",
        [allow(Condition={"Bool": {"aws:SecureTransport": "true"}})],
    ),
    Row(
        "What the rehearsal cannot tell helps the caller: a deny",
        "allowed",
        [allow()],
        [],
        [deny(principal="*", **TLS)],
    ),
]


@pytest.mark.parametrize("row", LOGIC, ids=lambda row: row.rule)
def test_a_request_is_decided_as_aws_documents_it(row: Row) -> None:
    def parsed(statements: list[Any]) -> Any:
        return statements_of({"Statement": statements})

    resource = None if row.resource is None else ResourcePolicy(parsed(row.resource), ACCOUNT, row.consent)
    keys = Keys(known=lambda key: key != "aws:securetransport")
    request = Request(row.principal, "s3:GetObject", OBJECT, keys)
    policies = Policies(parsed(row.identity), [parsed(limit) for limit in row.limits], resource)
    assert decide(request, policies).reason == row.reason


def test_what_was_taken_as_fulfilled_is_named() -> None:
    policies = Policies(statements_of({"Statement": [allow(), deny(**TLS)]}))
    request = Request(ANALYST, "s3:GetObject", OBJECT, Keys(known=lambda key: False))
    assert decide(request, policies).assumed == ("Bool aws:SecureTransport",)


VALUES = {"aws:a": "one", "aws:tags": ("x", "y"), "aws:userid": "AROA:ann", "aws:n": "5", "aws:no": ()}
CONDITIONS: list[tuple[str, dict[str, Any], bool]] = [
    ("StringEquals matches the whole text", {"StringEquals": {"aws:a": "one"}}, True),
    ("StringEquals knows no wildcards", {"StringEquals": {"aws:a": "on*"}}, False),
    ("StringEquals minds the case", {"StringEquals": {"aws:a": "One"}}, False),
    ("StringEqualsIgnoreCase does not", {"StringEqualsIgnoreCase": {"aws:a": "One"}}, True),
    ("StringLike has wildcards", {"StringLike": {"aws:a": "o?e"}}, True),
    ("The case of keys does not count", {"StringEquals": {"AWS:A": "one"}}, True),
    ("Several values of one key are an or", {"StringEquals": {"aws:a": ["two", "one"]}}, True),
    ("Several values of a negated operator are a nor", {"StringNotEquals": {"aws:a": ["two", "one"]}}, False),
    ("Several keys are an and", {"StringEquals": {"aws:a": "one", "aws:n": "6"}}, False),
    ("Several operators are an and", {"StringEquals": {"aws:a": "one"}, "StringLike": {"aws:n": "6"}}, False),
    ("A missing key does not match", {"StringEquals": {"aws:gone": "one"}}, False),
    ("A missing key matches a negated operator", {"StringNotEquals": {"aws:gone": "one"}}, True),
    ("A missing key fulfils IfExists", {"StringEqualsIfExists": {"aws:gone": "one"}}, True),
    ("A key that is there is compared by IfExists too", {"StringEqualsIfExists": {"aws:a": "two"}}, False),
    ("Null true: the key is missing", {"Null": {"aws:gone": "true"}}, True),
    ("Null false: the key is there", {"Null": {"aws:gone": "false"}}, False),
    (
        "ForAnyValue: one of the request's values is enough",
        {"ForAnyValue:StringEquals": {"aws:tags": ["y", "z"]}},
        True,
    ),
    ("ForAnyValue: none is not", {"ForAnyValue:StringEquals": {"aws:tags": "z"}}, False),
    ("ForAnyValue of a missing key is false", {"ForAnyValue:StringEquals": {"aws:gone": "x"}}, False),
    (
        "ForAllValues: each of the request's values is among them",
        {"ForAllValues:StringEquals": {"aws:tags": ["x", "y"]}},
        True,
    ),
    ("ForAllValues: one is not", {"ForAllValues:StringEquals": {"aws:tags": "x"}}, False),
    ("ForAllValues of a missing key is true", {"ForAllValues:StringEquals": {"aws:gone": "x"}}, True),
    ("ForAllValues of no values is true", {"ForAllValues:StringEquals": {"aws:no": "x"}}, True),
    ("ForAnyValue of no values is false", {"ForAnyValue:StringEquals": {"aws:no": "x"}}, False),
    ("A variable is filled in", {"StringEquals": {"aws:userid": "${aws:userid}"}}, True),
    ("A variable without a value matches nothing", {"StringLike": {"aws:a": "*${aws:gone}"}}, False),
    ("A variable's default stands in", {"StringEquals": {"aws:a": "${aws:gone, 'one'}"}}, True),
    ("Bool compares truth values", {"Bool": {"aws:n": True}}, False),
    ("Numbers are compared as numbers", {"NumericLessThanEquals": {"aws:n": "5.0"}}, True),
    ("Numbers that are greater are not", {"NumericLessThan": {"aws:n": "5"}}, False),
]


@pytest.mark.parametrize(("rule", "condition", "expected"), CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_a_condition_holds_as_aws_documents_it(rule: str, condition: dict[str, Any], expected: bool) -> None:
    (statement,) = statements_of({"Statement": allow(Condition=condition)})
    assert fulfilled(statement.conditions, Keys(VALUES)) == (expected, ()), rule


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/analyst", True),
        ("arn:aws:iam::*:role/ana*", True),
        ("arn:aws:*:role/analyst", False),  # each of the six parts is compared for itself
        ("arn:aws:iam::2*:role/*", False),
    ],
)
@pytest.mark.parametrize("operator", ["ArnEquals", "ArnLike"])
def test_arns_are_compared_part_by_part(operator: str, pattern: str, expected: bool) -> None:
    (statement,) = statements_of({"Statement": allow(Condition={operator: {"aws:PrincipalArn": pattern}})})
    assert fulfilled(statement.conditions, Keys({"aws:principalarn": ROLE})) == (expected, ())


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("arn:aws:s3:::lake/${aws:userid}/*", True), ("arn:aws:s3:::lake/${aws:username}/*", False)],
)
def test_a_resource_with_a_variable_covers_only_the_caller_whom_it_names(prefix: str, expected: bool) -> None:
    policies = Policies(statements_of({"Statement": {**allow(), "Resource": prefix}}))
    request = Request(ANALYST, "s3:GetObject", "arn:aws:s3:::lake/AROA:ann/x", Keys(VALUES))
    assert decide(request, policies).allowed is expected


@pytest.mark.parametrize("condition", [{"IpAddress": {"aws:SourceIp": "::1"}}, {"StringEquals": {"aws:a": "${*}"}}])
def test_what_is_not_supported_is_an_error_and_not_passed_over(condition: dict[str, Any]) -> None:
    policies = Policies(statements_of({"Statement": allow(Condition=condition)}))
    with pytest.raises(NotImplementedError):
        decide(Request(ANALYST, "s3:GetObject", OBJECT, Keys({"aws:sourceip": "::1", "aws:a": "x"})), policies)


@pytest.mark.parametrize("more", [{"NotPrincipal": "*"}, {"Action": None}])
def test_a_statement_that_is_not_supported_is_an_error(more: dict[str, Any]) -> None:
    entry = {key: value for key, value in {**allow(), **more}.items() if value is not None}
    with pytest.raises(ValueError, match=r"NotPrincipal|NotAction"):
        statements_of({"Statement": entry})
