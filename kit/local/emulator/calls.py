"""What the runner is told of the calls that the emulator serves: how many of which operation, and every one that was denied.

Calls are also authorized here by the actions that AWS asks for where the emulator has others, and wildcards of policies cover line
feeds.
"""

import asyncio
import contextvars
import functools
import re
import time
from urllib.parse import parse_qs

from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import request_caller_arn

FLUSH_SECONDS = 0.2
ACTION = re.compile(rb"(?:^|&)Action=([A-Za-z0-9]+)")
RPC_OPERATION = re.compile(r"^/service/[^/]+/operation/([^/]+)$")
DENIAL = re.compile(r"User: (\S+) is not authorized to perform: ([a-z0-9-]+:[A-Za-z*]+)")
# what a request was refused on: most of the emulator's messages don't say it
denied_on = contextvars.ContextVar("denied_on")
MAXIMUM_ERROR_BYTES = 16384
# AWS has no actions for calls with several messages: the action for one message covers them. The emulator asks for one of its own.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
ACTIONS_ON_AWS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}
extract_iam_action = iam_actions.extract_iam_action
enforce = iam_evaluator.enforce
compile_pattern = iam_evaluator._fnmatch_compile
# the signing name of a service where its IAM prefix is another one
SERVICE_NAMES = {"monitoring": "cloudwatch"}
S3_SUBRESOURCES = {
    "versioning": "BucketVersioning",
    "policy": "BucketPolicy",
    "lifecycle": "BucketLifecycleConfiguration",
    "encryption": "BucketEncryption",
    "notification": "BucketNotificationConfiguration",
    "publicAccessBlock": "PublicAccessBlock",
    "ownershipControls": "BucketOwnershipControls",
    "location": "BucketLocation",
    "tagging": "Tagging",
}


class Report:
    """Lines of JSON to the runner. All of it is used on the event loop only. @param send_line takes a message"""

    def __init__(self, send_line):
        self._send_line = send_line
        self._calls = {}
        self._flush_is_due = False

    def call(self, operation):
        self._calls[operation] = self._calls.get(operation, 0) + 1
        if not self._flush_is_due:
            self._flush_is_due = True
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self):
        self._flush_is_due = False
        if self._calls:
            calls, self._calls = self._calls, {}
            self._send_line({"calls": calls})

    def denied(self, principal, action, operation, resource=None):
        denial = {"principal": principal, "action": action, "operation": operation, "time": time.time()}
        self._send_line({"denied": denial if resource is None else {**denial, "resource": resource}})


def install():
    """The emulator looks these functions up at each request."""
    iam_actions.extract_iam_action = action_on_aws
    iam_evaluator.enforce = enforce_noted
    # on AWS a wildcard of a policy covers every character; the emulator's stops at a line feed, which a file's name may hold
    iam_evaluator._fnmatch_compile = functools.lru_cache(maxsize=4096)(pattern_over_lines)


def s3_operation(method, path, query, headers):
    depth = min(len([part for part in path.split("/") if part]), 2)
    verb = {"PUT": "Put", "GET": "Get", "HEAD": "Head", "DELETE": "Delete", "POST": "Post"}.get(method, method)
    for name, resource in S3_SUBRESOURCES.items():
        if name in query:
            return verb + resource
    if depth == 2 and "uploadId" in query:
        multipart = {"POST": "CompleteMultipartUpload", "PUT": "UploadPart", "DELETE": "AbortMultipartUpload"}
        return multipart.get(method, "ListParts")
    if "uploads" in query:
        return "CreateMultipartUpload" if method == "POST" else "ListMultipartUploads"
    if "delete" in query:
        return "DeleteObjects"
    if depth == 0:
        return "ListBuckets"
    if depth == 1:
        if method == "GET":
            return "ListObjectVersions" if "versions" in query else "ListObjectsV2"
        return {"PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"}.get(method, verb)
    if method == "PUT" and b"x-amz-copy-source" in headers:
        return "CopyObject"
    return verb + "Object"


def operation_of(scope, service, headers, first_bytes):
    """`service:Operation` of a signed call, as the service's API reference names it."""
    name = SERVICE_NAMES.get(service, service)
    target = headers.get(b"x-amz-target")
    if target:
        return f"{name}:{target.decode('latin-1').rsplit('.', 1)[-1]}"
    method, path = scope["method"], scope["path"]
    rpc = RPC_OPERATION.match(path)
    if rpc:
        return f"{name}:{rpc.group(1)}"
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    if service == "s3":
        return f"s3:{s3_operation(method, path, query, headers)}"
    action = ACTION.search(first_bytes)
    if action:
        return f"{name}:{action.group(1).decode()}"
    text_headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in headers.items()}
    return extract_iam_action(service, method, path, text_headers, b"", query) or f"{name}:{method}"


def head_denial(scope, caller):
    """A HEAD answer has no body to name the principal and the action."""
    depth = len([part for part in scope["path"].split("/") if part])
    return caller, "s3:ListBucket" if depth == 1 else "s3:GetObject"


def caller_of(access_key_id):
    """ARN of a key's holder."""
    return request_caller_arn({"authorization": f"AWS4-HMAC-SHA256 Credential={access_key_id}/"})


def observed(app, report, claim, headers):
    """An app that reports each call when it ends. @param claim who signed it, for which service"""

    async def observing(scope, receive, send):
        first_bytes = b""
        status = 0
        error_body = b""

        async def receive_first():
            nonlocal first_bytes
            message = await receive()
            if not first_bytes and message["type"] == "http.request":
                first_bytes = message.get("body", b"")[:4096]
            return message

        async def send_seen(message):
            nonlocal status, error_body
            if message["type"] == "http.response.start":
                status = message["status"]
            elif 400 <= status < 500 and len(error_body) < MAXIMUM_ERROR_BYTES:
                error_body += message.get("body", b"")
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                # before the last byte leaves, so that a denial is known before its caller acts on it
                account()
            await send(message)

        def account():
            operation = operation_of(scope, claim.service, headers, first_bytes)
            report.call(operation)
            denial = DENIAL.search(error_body.decode("utf-8", "replace")) if error_body else None
            if denial:
                report.denied(denial.group(1), denial.group(2), operation, noted.get("resource"))
            elif status == 403 and scope["method"] == "HEAD":
                report.denied(*head_denial(scope, caller_of(claim.access_key_id)), operation, noted.get("resource"))

        noted = {}
        denied_on.set(noted)
        await app(scope, receive_first, send_seen)

    return observing


def action_on_aws(*request):
    action = extract_iam_action(*request)
    return ACTIONS_ON_AWS.get(action, action)


def enforce_noted(*request, resource_arn="*", **context):
    denied = enforce(*request, resource_arn=resource_arn, **context)
    noted = denied_on.get(None)
    if denied and noted is not None and resource_arn != "*":
        noted["resource"] = resource_arn
    return denied


def pattern_over_lines(pattern, ignore_case):
    compiled = compile_pattern(pattern, ignore_case)
    return re.compile(compiled.pattern, compiled.flags | re.DOTALL)
