"""The words that AWS's documentation allows in JSON texts that no service model describes.

To the API, an event pattern, a filter policy, a crawler's configuration and a dashboard are plain texts: it accepts a
misspelt key, which then has no effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Words = Any  # a mapping of keys, a set of values, a type, or a list of one of these

MATCHER: Words = {
    "prefix": str, "suffix": str, "equals-ignore-case": str, "wildcard": str, "cidr": str, "exists": bool,
    "anything-but": object, "numeric": list,
}  # fmt: skip
MATCH: Words = [(str, int, float, bool, type(None), MATCHER)]

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
_ENVELOPE: Words = {"account": MATCH, "region": MATCH, "resources": MATCH}
S3_EVENT: Words = {
    **_ENVELOPE,
    "source": [{"aws.s3"}],
    "detail-type": [{"Object Created", "Object Deleted", "Object Restore Completed"}],
    "detail": {
        "bucket": {"name": MATCH},
        "object": {"key": MATCH, "size": MATCH, "etag": MATCH, "version-id": MATCH, "sequencer": MATCH},
        "reason": MATCH,
        "requester": MATCH,
    },
}
# https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
_STATES_DETAIL: Words = {
    "status": [{"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}],
    "stateMachineArn": MATCH,
    "executionArn": MATCH,
    "name": MATCH,
    "error": MATCH,
}
STATES_EVENT: Words = {
    **_ENVELOPE,
    "source": [{"aws.states"}],
    "detail-type": [{"Step Functions Execution Status Change"}],
    "detail": {**_STATES_DETAIL, "$or": [_STATES_DETAIL]},
}
# https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
CRAWLER_EVENT: Words = {
    **_ENVELOPE,
    "source": [{"aws.glue"}],
    "detail-type": [{"Glue Crawler State Change"}],
    "detail": {"state": [{"Started", "Succeeded", "Failed"}], "crawlerName": MATCH},
}
EVENT_PATTERN: Words = (S3_EVENT, STATES_EVENT, CRAWLER_EVENT)

# The attributes of the state machines' notices; tests check that the machines send these two.
FILTER_POLICY: Words = {"outcome": [{"published", "closed", "failed", "late"}], "dataset": MATCH, "owner": MATCH}

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
REDRIVE_ALLOW_POLICY: Words = {"redrivePermission": {"allowAll", "byQueue", "denyAll"}, "sourceQueueArns": [str]}

# https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
CRAWLER: Words = {
    "Version": {1},
    "CrawlerOutput": {
        "Partitions": {"AddOrUpdateBehavior": {"InheritFromTable"}},
        "Tables": {"AddOrUpdateBehavior": {"MergeNewColumns"}, "TableThreshold": int},
    },
    "Grouping": {"TableGroupingPolicy": {"CombineCompatibleSchemas"}, "TableLevelConfiguration": int},
    "CreatePartitionIndex": bool,
}

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
_PLACE: Words = {"x": int, "y": int, "width": int, "height": int}
METRIC: Words = {
    "id": str, "expression": str, "label": str, "stat": str, "period": int, "visible": bool, "color": str, "yAxis": str,
    "region": str, "accountId": str,
}  # fmt: skip
WIDGETS: Mapping[str, Words] = {
    "text": {**_PLACE, "type": {"text"}, "properties": {"markdown": str, "background": {"solid", "transparent"}}},
    "metric": {
        **_PLACE,
        "type": {"metric"},
        "properties": {
            "title": str, "region": str, "period": int, "stat": str, "stacked": bool, "yAxis": object, "legend": object,
            "annotations": object, "view": {"timeSeries", "singleValue", "gauge", "bar", "pie", "table"},
            "metrics": [[(str, METRIC)]],
        },
    },
    "alarm": {**_PLACE, "type": {"alarm"}, "properties": {"title": str, "alarms": [str], "states": [str]}},
}  # fmt: skip
DASHBOARD: Words = {
    "start": str,
    "end": str,
    "periodOverride": {"auto", "inherit"},
    "widgets": [tuple(WIDGETS.values())],
}


def faults(value: Any, words: Words, path: str = "") -> list[str]:
    """The parts of a text that are not among its words, each with its path."""
    return list(_faults(value, words, path))


def _faults(value: Any, words: Words, path: str) -> Iterator[str]:
    if isinstance(words, tuple):  # one of several
        tried = [list(_faults(value, choice, path)) for choice in words]
        yield from min(tried, key=len)
    elif isinstance(words, Mapping) and isinstance(value, dict):
        for name, part in value.items():
            if name not in words:
                yield f"{path}.{name}: not one of {sorted(words)}"
            else:
                yield from _faults(part, words[name], f"{path}.{name}")
    elif isinstance(words, list) and isinstance(value, list):
        for number, part in enumerate(value):
            yield from _faults(part, words[0], f"{path}[{number}]")
    elif isinstance(words, set):
        if value not in words:
            yield f"{path}: `{value}` is not one of {sorted(words)}"
    elif not (isinstance(words, type) and isinstance(value, words)):
        yield f"{path}: `{value}` is not allowed here"
