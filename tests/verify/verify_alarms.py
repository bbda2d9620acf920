"""Of the fake account: an alarm, the topic that it publishes to, and what CloudWatch counts of that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from verify_names import LAKE, NUMBER, REGION
from verify_stubs import Time

ALARM = f"{LAKE}-refine-gate-closed"
TOPIC = f"arn:aws:sns:{REGION}:{NUMBER}:{LAKE}-alerts"
ACTION = f"Successfully executed action {TOPIC}"


class Alarms:
    """An alarm that is set off publishes at once; two minutes later CloudWatch counts a delivery to each address."""

    time: Time

    def __init__(self) -> None:
        self.states: list[tuple[str, datetime]] = [("OK", datetime(2026, 1, 1).astimezone())]
        self.people = {"ops@example.org": f"{TOPIC}:1", "boss@example.org": f"{TOPIC}:2"}
        self.undelivered = 0

    def ListSubscriptionsByTopic(self, TopicArn: str) -> dict[str, Any]:
        assert TopicArn == TOPIC
        mail = {"TopicArn": TopicArn, "Owner": NUMBER, "Protocol": "email"}
        people = [{**mail, "Endpoint": address, "SubscriptionArn": arn} for address, arn in self.people.items()]
        return {"Subscriptions": people}

    def DescribeAlarms(self, AlarmNames: list[str]) -> dict[str, Any]:
        assert AlarmNames == [ALARM]
        return {"MetricAlarms": [{"AlarmName": ALARM, "StateValue": self.states[-1][0], "AlarmActions": [TOPIC]}]}

    def SetAlarmState(self, AlarmName: str, StateValue: str, StateReason: str) -> dict[str, Any]:
        assert (AlarmName, StateReason) == (ALARM, "A test by make verify: nothing is wrong.")
        self.states.append((StateValue, self.time.at))
        return {}

    def DescribeAlarmHistory(self, AlarmName: str, StartDate: datetime, **_: Any) -> dict[str, Any]:
        items = [
            {"AlarmName": ALARM, "Timestamp": at, "HistoryItemType": "Action", "HistorySummary": ACTION}
            for state, at in self.states
            if state == "ALARM" and at >= StartDate
        ]
        return {"AlarmHistoryItems": items}

    def GetMetricData(self, MetricDataQueries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        sent = any(state == "ALARM" and (self.time.at - at).total_seconds() >= 120 for state, at in self.states)
        counts = {
            "NumberOfNotificationsFailed": self.undelivered,
            "NumberOfNotificationsDelivered": len(self.people) - self.undelivered,
        }
        names = {query["Id"]: query["MetricStat"]["Metric"]["MetricName"] for query in MetricDataQueries}
        results = [{"Id": of, "Values": [float(counts[name])] if sent else []} for of, name in names.items()]
        return {"MetricDataResults": results}
