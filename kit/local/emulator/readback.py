"""What the emulator takes and then doesn't tell when it is asked: Terraform reads everything back, and would change it again for ever.

Alarms and groups are answered by the runner (answered.py). Each service is taught when it is first called, so that a stack without it doesn't load it.
"""

import importlib
import json
from xml.sax.saxutils import escape

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
LONGEST_RECOVERY_DAYS = 35


def teach(service):
    """@param service as a signature names it"""
    lesson = LESSONS.pop(service, None)
    if lesson is not None:
        lesson()


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


LESSONS = {"ec2": teach_endpoint_policies, "dynamodb": teach_recovery_periods}
