"""An alarm reaches the people who are named: CloudWatch publishes it, and SNS delivers it.

Nothing here sees a mail box. `NumberOfNotificationsDelivered` counts what SNS has handed over; whether it lies among
the junk, only a person can see.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from headgate.verify.probe import Probe, ProbeSkipped, require
from headgate.verify.probed_lake import ProbedLake

REASON = "A test by make verify: nothing is wrong."
_PUBLISHED, _DELIVERED = 3 * 60, 15 * 60


def _look(lake: ProbedLake) -> str:
    names = lake.job.names
    people = _confirmed(lake)
    (alarm,) = lake.aws.cloudwatch.describe_alarms(AlarmNames=[names.alarm])["MetricAlarms"]
    require(
        names.alerts_arn in alarm["AlarmActions"], f"the alarm {names.alarm} does not publish to {names.alerts_arn}"
    )
    if alarm["StateValue"] == "ALARM":
        raise ProbeSkipped(f"the alarm {names.alarm} is on: a gate has closed. Run this probe again when it is off")
    began = lake.clock.now()
    lake.created.alarms[names.alarm] = alarm["StateValue"]
    lake.aws.cloudwatch.set_alarm_state(AlarmName=names.alarm, StateValue="ALARM", StateReason=REASON)
    action = lake.clock.wait_for("the alarm's action", lambda: _action(lake, began), every=5, timeout=_PUBLISHED)
    require(action.startswith("Successfully executed action"), f"CloudWatch says: {action}")
    failed, delivered = lake.clock.wait_for(
        f"{people} deliveries by {names.alerts}", lambda: _counts(lake, began, people), every=30, timeout=_DELIVERED
    )
    require(failed == 0, f"SNS could not deliver {failed} of {failed + delivered} messages of {names.alerts}")
    seconds = (lake.clock.now() - began).total_seconds()
    return (
        f"{delivered} messages delivered, as SNS counts them, within {seconds:.0f} s; now look for a mail with "
        f"`{names.alarm}` in its subject, in the mail box and among the junk of {people} addresses"
    )


def _confirmed(lake: ProbedLake) -> int:
    """Return how many addresses have confirmed. Raises `ProbeFailed` when one has not, or when there is none."""
    pages = lake.aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=lake.job.names.alerts_arn)
    mails = [entry for page in pages for entry in page["Subscriptions"] if entry["Protocol"].startswith("email")]
    require(bool(mails), f"nobody is subscribed to {lake.job.names.alerts}: name people in `notify_emails`")
    pending = [entry["Endpoint"] for entry in mails if not entry["SubscriptionArn"].startswith("arn:")]
    require(not pending, f"not confirmed: {', '.join(pending)}; the link is in a mail of AWS Notifications")
    return len(mails)


def _action(lake: ProbedLake, since: datetime) -> str | None:
    """What CloudWatch's history says of the alarm's newest action since then."""
    items = lake.aws.cloudwatch.describe_alarm_history(
        AlarmName=lake.job.names.alarm, HistoryItemType="Action", StartDate=since, ScanBy="TimestampDescending"
    )["AlarmHistoryItems"]
    return next((item["HistorySummary"] for item in items if item["Timestamp"] >= since), None)


def _counts(lake: ProbedLake, since: datetime, people: int) -> tuple[int, int] | None:
    """How many messages of the topic SNS could not deliver since then, and how many it has delivered."""
    names = ("NumberOfNotificationsFailed", "NumberOfNotificationsDelivered")
    topic = [{"Name": "TopicName", "Value": lake.job.names.alerts}]
    queries = [
        {
            "Id": f"m{position}",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/SNS", "MetricName": name, "Dimensions": topic},
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for position, name in enumerate(names)
    ]
    results = lake.aws.cloudwatch.get_metric_data(
        MetricDataQueries=queries,
        StartTime=since.replace(second=0, microsecond=0),
        EndTime=lake.clock.now() + timedelta(minutes=1),
    )["MetricDataResults"]
    values = {result["Id"]: int(sum(result["Values"])) for result in results}
    failed, delivered = (values.get(f"m{position}", 0) for position in (0, 1))
    return (failed, delivered) if failed + delivered >= people else None


def restore(lake: ProbedLake, alarm: str, state: str) -> None:
    """Give an alarm back the state that it had before; CloudWatch would do so when it next looks at the metric."""
    lake.aws.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason=REASON)
    lake.created.alarms.pop(alarm)


def _look_and_restore(lake: ProbedLake) -> str:
    try:
        return _look(lake)
    finally:
        for alarm, state in list(lake.created.alarms.items()):
            restore(lake, alarm, state)


PROBE = Probe(
    name="alarm",
    claim="an alarm reaches the people who are named",
    sent="SetAlarmState of the alarm for closed gates, with a reason that says that it is a test",
    look=_look_and_restore,
)
