"""Operations that the runner answers in the emulator's place: it has what the emulator lacks (kit/local/scaling).

A call comes here as it would come to the emulator's own service: signed, let in by the gate, and allowed by IAM. It goes to the runner
through the launcher's pipe, and the answer comes back by standard input, so nothing listens for it and nobody else can send one.
"""

import asyncio
import base64
import json

from calls import ACTION, RPC_OPERATION
from ministack.core import iam_actions
from ministack.services import eventbridge

# what calls of Auto Scaling name instead of their group, whose ARN policies are about
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
INSTANCE_PARAMETER = "InstanceId"
ANY = "*"
# orders that AWS has no call for: what EC2 does of itself
ORDERS_PATH = "/_filemill/fleet"
ORDERS_SERVICE = "filemill"
MAXIMUM_ORDER_BYTES = 4096


class Answered:
    """All of it is used on the event loop only. @param send_line takes a message to the runner"""

    def __init__(self, send_line):
        self._send_line = send_line
        self._waiting = {}
        self._calls = 0
        self._group_arns = {}

    def install(self, emulator, operations):
        """@param operations names of those that the runner answers, by service; "*" for all of a service"""
        for service, names in operations.items():
            emulator.SERVICE_HANDLERS[service] = self._handler(service, names, emulator.SERVICE_HANDLERS[service])
        # the emulator looks it up at each request
        iam_actions.extract_resource_arn = self._arn_of_group(iam_actions.extract_resource_arn)

    def take(self, message):
        """An answer, which group an instance is of, or an event that only AWS itself may put on the bus."""
        if "answer" in message:
            waiting = self._waiting.pop(message["answer"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
        elif "event" in message:
            event = message["event"]
            entry = {
                "Source": event["source"],
                "DetailType": event["detailType"],
                "Detail": json.dumps(event["detail"]),
                "Resources": event["resources"],
            }
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
        else:
            self._group_arns[message["instance"]] = message["groupArn"]

    async def control(self, scope, receive, send):
        body, more = b"", True
        while more and len(body) <= MAXIMUM_ORDER_BYTES:
            message = await receive()
            body += message.get("body", b"")
            more = message["type"] == "http.request" and message.get("more_body", False)
        answer = await self._ask({"service": ORDERS_SERVICE, "operation": scope["method"], "contentType": "application/json"}, body)
        content = base64.b64decode(answer["body"])
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode()), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": answer["status"], "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _handler(self, service, names, original):
        async def handle(method, path, headers, body, query_params):
            operation = operation_of(path, headers, body)
            if ANY not in names and operation not in names:
                return await original(method, path, headers, body, query_params)
            answer = await self._ask({"service": service, "operation": operation, "contentType": headers.get("content-type", "")}, body)
            return answer["status"], dict(answer["headers"]), base64.b64decode(answer["body"])

        return handle

    async def _ask(self, call, body):
        self._calls += 1
        number = self._calls
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        self._send_line({"call": {"id": number, **call, "body": base64.b64encode(body).decode()}})
        return await waiting

    def _arn_of_group(self, extract):
        def extract_resource_arn(service, method, path, headers, body, query_params, *place):
            found = extract(service, method, path, headers, body, query_params, *place)
            if service != "autoscaling" or found != "*":
                return found
            given = query_params.get(INSTANCE_PARAMETER, "")
            return self._group_arns.get(given[0] if isinstance(given, list) else given, found)

        return extract_resource_arn


def operation_of(path, headers, body):
    target = headers.get("x-amz-target", "")
    if target:
        return target.rsplit(".", 1)[-1]
    rpc = RPC_OPERATION.match(path)
    if rpc:
        return rpc.group(1)
    action = ACTION.search(body)
    return action.group(1).decode() if action else ""
