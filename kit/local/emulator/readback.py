"""What the emulator takes and then doesn't tell when it is asked: Terraform reads everything back, and would change it again for ever.

Each service is taught when it is first called, so that a stack without it doesn't load it.
"""

import importlib
import json
import re
from xml.sax.saxutils import escape

# of alarms: the types that a query, which is all text, doesn't tell
WHOLE = {"Period", "EvaluationPeriods", "DatapointsToAlarm"}
DECIMAL = {"Threshold"}
FLAGS = {"ActionsEnabled", "ReturnData"}
# what an alarm has beside what it was made with
STATE = {
    "AlarmArn",
    "StateValue",
    "StateReason",
    "StateUpdatedTimestamp",
    "AlarmConfigurationUpdatedTimestamp",
}
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
LONGEST_RECOVERY_DAYS = 35


def teach(service):
    """@param service as a signature names it"""
    lesson = LESSONS.pop(service, None)
    if lesson is not None:
        lesson()


def teach_alarms():
    cloudwatch = importlib.import_module("ministack.services.cloudwatch")
    put, describe = cloudwatch._put_metric_alarm, cloudwatch._describe_alarms

    def put_whole(params, cbor_data, is_cbor, is_json=False):
        answer = put(params, cbor_data, is_cbor, is_json)
        if answer[0] == 200:
            asked = cbor_data if is_cbor or is_json else nested(params)
            asked = {name: value for name, value in asked.items() if name not in ("Action", "Version", "Tags")}
            kept = cloudwatch._alarms[asked["AlarmName"]]
            state = {name: kept[name] for name in STATE if name in kept}
            cloudwatch._alarms[asked["AlarmName"]] = {"ActionsEnabled": True, "TreatMissingData": "missing", **asked, **state}
        return answer

    def describe_whole(params, cbor_data, is_cbor, is_json=False):
        status, headers, body = describe(params, cbor_data, is_cbor, is_json)
        if status != 200 or is_cbor or is_json:
            return status, headers, body

        def whole(match):
            name = match.group(2).decode()
            alarm = cloudwatch._alarms.get(unescaped(name))
            return match.group(0) if alarm is None else f"<member>{xml_of(alarm)}</member>".encode()

        return status, headers, re.sub(rb"<member>(<AlarmName>)(.*?)</AlarmName>.*?</member>", whole, body, flags=re.DOTALL)

    cloudwatch._put_metric_alarm, cloudwatch._describe_alarms = put_whole, describe_whole


def nested(params):
    """A query's parameters as what they stand for: `Metrics.member.1.Id` is in a list below `Metrics`."""
    root = {}
    for name, given in params.items():
        at, parts = root, name.split(".")
        for part in parts[:-1]:
            at = at.setdefault(part, {})
        at[parts[-1]] = typed(parts[-1], given[0] if isinstance(given, list) else given)
    return lists(root)


def lists(value):
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"}:
        return [lists(value["member"][number]) for number in sorted(value["member"], key=int)]
    return {name: lists(each) for name, each in value.items()}


def typed(name, text):
    if name in WHOLE:
        return int(text)
    if name in DECIMAL:
        return float(text)
    return text == "true" if name in FLAGS else text


def xml_of(value, name=""):
    if isinstance(value, dict):
        return "".join(f"<{key}>{xml_of(each, key)}</{key}>" for key, each in value.items() if each is not None)
    if isinstance(value, list):
        return "".join(f"<member>{xml_of(each)}</member>" for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if name.endswith("Timestamp") and isinstance(value, (int, float)):
        from datetime import datetime, timezone

        return datetime.fromtimestamp(value, timezone.utc).isoformat()
    return escape(str(value))


def unescaped(text):
    from xml.sax.saxutils import unescape

    return unescape(text, {"&quot;": '"'})


def teach_endpoint_policies():
    ec2 = importlib.import_module("ministack.services.ec2")
    create, fields = ec2._ACTION_MAP["CreateVpcEndpoint"], ec2._vpce_fields_xml

    def create_with_policy(params):
        before = set(ec2._vpc_endpoints)
        answer = create(params)
        policy = ec2._p(params, "PolicyDocument")
        for endpoint_id in set(ec2._vpc_endpoints) - before:
            if policy:
                ec2._vpc_endpoints[endpoint_id]["PolicyDocument"] = policy
        return answer

    def fields_with_policy(endpoint, tag="item"):
        policy = endpoint.get("PolicyDocument")
        told = fields(endpoint, tag)
        return told if policy is None else told.replace("</ownerId>", f"</ownerId><policyDocument>{escape(policy)}</policyDocument>")

    ec2._ACTION_MAP["CreateVpcEndpoint"], ec2._vpce_fields_xml = create_with_policy, fields_with_policy


def teach_recovery_periods():
    dynamodb = importlib.import_module("ministack.services.dynamodb")
    update, describe = dynamodb._update_continuous_backups, dynamodb._describe_continuous_backups
    days = {}

    def with_days(table, answer):
        status, headers, body = answer
        if status != 200:
            return answer
        told = json.loads(body)
        recovery = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        if recovery["PointInTimeRecoveryStatus"] == "ENABLED":
            recovery["RecoveryPeriodInDays"] = days.get(table, LONGEST_RECOVERY_DAYS)
        return status, headers, json.dumps(told).encode()

    def update_with_days(data):
        answer = update(data)
        asked = data.get("PointInTimeRecoverySpecification", {}).get("RecoveryPeriodInDays")
        if answer[0] == 200 and asked is not None:
            days[data["TableName"]] = asked
        return with_days(data.get("TableName"), answer)

    dynamodb._update_continuous_backups = update_with_days
    dynamodb._describe_continuous_backups = lambda data: with_days(data.get("TableName"), describe(data))


LESSONS = {"monitoring": teach_alarms, "ec2": teach_endpoint_policies, "dynamodb": teach_recovery_periods}
