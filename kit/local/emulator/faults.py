"""Faults of the local emulator: what AWS does now and then, done on order.

Off until rules are set through the control path below, for which launcher.py asks for the stack's secret. Rules hold for signed
requests: not for the control path, and not for what the emulator does inside itself (its Step Functions, event rules and S3
notifications don't go through HTTP).

PUT /_filemill/faults     {"seed": 1, "rules": [...]}: replaces the rules and starts counting anew (`kit/local/emulator/faults.ts` has the fields)
POST /_filemill/faults    {"awaySeconds": 10}: from now on every connection is closed without an answer
GET /_filemill/faults     {"counts": {KIND: {OPERATION OR QUEUE: 3}}, "callers": {KIND: {ARN: 3}}}
"""

import asyncio
import contextvars
import copy
import json
import random
import re
import time
from urllib.parse import unquote

PATH = "/_filemill/faults"
# the HTTP connection that the current task serves
connection = contextvars.ContextVar("connection")
connections = set()
# absent outside of requests, where the emulator moves messages by itself
serving = contextvars.ContextVar("serving", default=False)

# what each kind does to a call: sends an error instead, or one of the things done to its connection
ERRORS = {
    "internal-error": (500, "InternalError", "We encountered an internal error. Please try again."),
    "slow-down": (503, "SlowDown", "Please reduce your request rate."),
    "throughput-exceeded": (
        400,
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level.",
    ),
}
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html has other names than S3
NAMES_ELSEWHERE = {"InternalError": "InternalFailure", "SlowDown": "ServiceUnavailable"}
MESSAGE_KINDS = ("duplicate-message", "delay-message")
# a message that was looked at once, and a copy of a message: neither is delayed or copied again
SEEN = "filemill_seen"


class Rule:
    def __init__(self, fields, random_numbers):
        self.kind = fields["kind"]
        service, _, operation = fields.get("operation", "*").partition(":")
        self._operation = re.compile(f"{glob(service)}:{glob(operation or '*')}")
        self._caller = re.compile(fields.get("caller", ""))
        self._matching = re.compile(fields.get("matching", ""), re.DOTALL)
        self.seconds = fields.get("seconds", 0)
        self._probability = fields.get("probability", 1)
        self._left = fields.get("next")
        self._random = random_numbers

    def hits_call(self, operation, caller, text):
        if self.kind in MESSAGE_KINDS or not self._operation.fullmatch(operation):
            return False
        return bool(self._caller.search(caller())) and bool(self._matching.search(text)) and self._strikes()

    def hits_message(self, kind, queue):
        return self.kind == kind and bool(self._matching.search(queue)) and self._strikes()

    def _strikes(self):
        if self._left == 0 or self._random.random() >= self._probability:
            return False
        if self._left is not None:
            self._left -= 1
        return True


def glob(text):
    return ".*" if text == "*" else re.escape(text)


class Faults:
    """The rules in force, and how often each kind has hit. All of it is used on the event loop only."""

    def __init__(self):
        self._rules = []
        self._counts = {}
        self._callers = {}
        self._away_until = 0

    def set(self, order):
        random_numbers = random.Random(order["seed"])
        self._rules = [Rule(fields, random_numbers) for fields in order["rules"]]
        self._counts = {}
        self._callers = {}
        self._away_until = 0

    def go_away(self, seconds):
        self._away_until = time.monotonic() + seconds
        for server in connections - {connection.get()}:
            add_one(self._counts, "away", "open connection")
            server.writer.transport.abort()

    def is_away(self, operation):
        if time.monotonic() >= self._away_until:
            return False
        add_one(self._counts, "away", operation)
        return True

    def tally(self):
        return {"counts": self._counts, "callers": self._callers}

    def active(self):
        return bool(self._rules)

    def for_call(self, operation, caller, text):
        for rule in self._rules:
            if rule.hits_call(operation, caller, text):
                add_one(self._counts, rule.kind, operation)
                add_one(self._callers, rule.kind, caller())
                return rule
        return None

    def for_message(self, kind, queue):
        for rule in self._rules:
            if rule.hits_message(kind, queue):
                add_one(self._counts, kind, queue)
                return rule
        return None


def add_one(tally, kind, what):
    of_kind = tally.setdefault(kind, {})
    of_kind[what] = of_kind.get(what, 0) + 1


faults = Faults()


def install(connection_server, sqs):
    """Makes connections known to the requests they carry, and messages subject to the rules."""
    run = connection_server.run
    collect = sqs._collect_msgs

    async def run_known(server):
        connection.set(server)
        connections.add(server)
        try:
            await run(server)
        finally:
            connections.discard(server)

    def collect_faulty(queue, maximum, visibility_seconds):
        if not serving.get() or not faults.active():
            return collect(queue, maximum, visibility_seconds)
        delay_messages(queue)
        collected = collect(queue, maximum, visibility_seconds)
        duplicate_messages(queue, collected)
        return collected

    connection_server.run = run_known
    sqs._collect_msgs = collect_faulty


def delay_messages(queue):
    now = time.time()
    for message in queue["messages"]:
        if message["visible_at"] > now or message.get("receive_count") or message.get(SEEN):
            continue
        message[SEEN] = True
        rule = faults.for_message("delay-message", queue["name"])
        if rule:
            message["visible_at"] = now + rule.seconds


def duplicate_messages(queue, collected):
    """At-least-once delivery: a server of SQS that missed the receive (and will miss the deletion) gives the message out again."""
    for message in collected:
        rule = None if message["receive_count"] > 1 else faults.for_message("duplicate-message", queue["name"])
        if rule:
            again = {**copy.deepcopy(message), "receipt_handle": None, "visible_at": time.time() + rule.seconds, SEEN: True}
            queue["messages"].append(again)


async def control(scope, receive, send):
    try:
        body = await whole_body(receive)
        if scope["method"] == "PUT":
            faults.set(json.loads(body))
        elif scope["method"] == "POST":
            faults.go_away(json.loads(body)["awaySeconds"])
        await answer(send, 200, b"application/json", json.dumps(faults.tally()).encode(), kept=False)
    except (KeyError, TypeError, ValueError, re.error) as error:
        await answer(send, 400, b"application/json", json.dumps({"error": repr(error)}).encode(), kept=False)


async def faulty(app, scope, receive, send, operation, caller):
    """Serves a signed request under the rules. @param caller gives the ARN of who signed it"""
    if faults.is_away(operation):
        abort()
        return
    serving.set(True)
    rule = None
    if faults.active():
        text, receive = await text_of(scope, receive, operation)
        rule = faults.for_call(operation, caller, text)
    if rule is None:
        await app(scope, receive, send)
    elif rule.kind in ERRORS:
        await whole_body(receive)
        await send_error(scope, send, operation, *ERRORS[rule.kind])
    elif rule.kind == "drop-request":
        abort()
    elif rule.kind == "drop-reply":
        await app(scope, receive, nowhere)
        abort()
    elif rule.kind == "cut-reply":
        await app(scope, receive, cut(send))
    else:
        await app(scope, receive, late(send, rule.seconds))


async def text_of(scope, receive, operation):
    """What a rule's `matching` is held against: the path of S3 calls, else the body. Objects may be big and are not read here."""
    if operation.startswith("s3:"):
        return unquote(scope["path"]), receive
    body = await whole_body(receive)
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again():
        return waiting.pop() if waiting else await receive()

    return body.decode("utf-8", "replace"), receive_again


async def whole_body(receive):
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


async def send_error(scope, send, operation, status, code, text):
    service = operation.partition(":")[0]
    if service == "s3":
        await answer(send, status, b"application/xml", f"<Error><Code>{code}</Code><Message>{text}</Message></Error>".encode(), scope)
        return
    name = NAMES_ELSEWHERE.get(code, code)
    prefix = "com.amazonaws.dynamodb.v20120810#" if service == "dynamodb" else ""
    await answer(send, status, b"application/x-amz-json-1.0", json.dumps({"__type": prefix + name, "message": text}).encode(), scope)


async def answer(send, status, content_type, body, scope=None, kept=True):
    """kept: an order's connection is closed, else one that `go_away` has cut could be taken for the next order."""
    body = b"" if scope is not None and scope["method"] == "HEAD" else body
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    if not kept:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def nowhere(_message):
    pass


def late(send, seconds):
    async def sending(message):
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return sending


def cut(send):
    """Lets half of the first part of the body through, then ends the connection."""
    is_cut = False

    async def sending(message):
        nonlocal is_cut
        if is_cut:
            return
        if message["type"] == "http.response.body":
            is_cut = True
            body = message.get("body", b"")
            await send({**message, "body": body[: len(body) // 2], "more_body": True})
            connection.get().writer.close()
            return
        await send(message)

    return sending


def abort():
    """Ends the connection with a reset, as a server or a network that is gone does."""
    connection.get().writer.transport.abort()
