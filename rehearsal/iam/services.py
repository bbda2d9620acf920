"""What an AWS service sends along when it takes a role, or calls with its own name, as far as AWS documents it.

A key that no documentation promises counts as not sent, so that a policy that insists on it refuses the service.
"""

from __future__ import annotations

# Documented in "Cross-service confused deputy prevention" of each service's guide. EventBridge's, Glue's and Lambda's
# have no such promise for the roles of rules, jobs and functions.
_SENDS_WHEN_TAKING_ROLES = {"scheduler.amazonaws.com": ("aws:sourceaccount", "aws:sourcearn"),
                            "states.amazonaws.com": ("aws:sourceaccount", "aws:sourcearn")}  # fmt: skip
# EventBridge sends a queue the rule's ARN ("Amazon SQS permissions"); for topics it supports no conditions.
_SENDS_WHEN_CALLING = {("events.amazonaws.com", "sqs"): ("aws:sourcearn",),
                       ("sns.amazonaws.com", "sqs"): ("aws:sourcearn", "aws:sourceaccount")}  # fmt: skip

# Keys of which the rehearsal knows whether a request has them: what it does not set is absent. Of any other key nobody
# can tell here, whether TLS was used among them; the rehearsal counts and lists the conditions that hang on those.
_KNOWN = frozenset({
    "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username", "aws:tagkeys",
    "aws:requestedregion", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "cloudwatch:namespace",
    "iam:passedtoservice", "iam:permissionsboundary", "iam:policyarn", "kms:calleraccount", "kms:viaservice",
    "lambda:functionarn", "s3:if-none-match", "s3:prefix", "sts:externalid", "sts:rolesessionname",
    "s3:x-amz-server-side-encryption", "redshift-data:statement-owner-iam-userid",
})  # fmt: skip
_KNOWN_BEGINNINGS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "kms:encryptioncontext:", "token.")


def is_known(key: str) -> bool:
    """Whether the rehearsal can tell if a request has a key, in lower case."""
    return key in _KNOWN or key.startswith(_KNOWN_BEGINNINGS)


def sent_with_role(service: str, account: str, source: str) -> dict[str, str]:
    """The keys of a service's call `sts:AssumeRole` for a resource (its ARN) of an account."""
    return _of(_SENDS_WHEN_TAKING_ROLES.get(service, ()), account, source)


def sent_with_call(service: str, target: str, account: str, source: str) -> dict[str, str]:
    """The keys of a service's call to another one (`sqs`) for a resource (its ARN) of an account."""
    return _of(_SENDS_WHEN_CALLING.get((service, target), ()), account, source)


def _of(promised: tuple[str, ...], account: str, source: str) -> dict[str, str]:
    values = {"aws:sourceaccount": account, "aws:sourcearn": source}
    return {key: values[key] for key in promised}
