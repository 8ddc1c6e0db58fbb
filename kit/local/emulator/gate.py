"""The gate before the emulator: on every path, nothing reaches it that did not come from a client of this stack.

- the Host is this machine's loopback address and port, so a name that was made to point here gets nowhere;
- a browser sends nothing: it says where a request comes from (Origin, Sec-Fetch-Site), and can't be kept from saying so;
- the request is signed with a secret of this stack, for a service that the stack uses.

The emulator has no part in this: it knows only requests that came through. Refusals are AWS's errors with status 403, and never have
headers that let a page read them.
"""

import json
import re

import signatures
import signed_bodies
from signatures import Refused

# services of a stack, by the names they are signed for
SERVICES = frozenset(
    ("autoscaling", "dynamodb", "ec2", "events", "iam", "lambda", "logs", "monitoring", "s3", "sqs", "ssm", "states", "sts"),
)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; the emulator's own paths begin with an underscore
BUCKET = re.compile(rb"[a-z0-9][a-z0-9.-]{2,62}")
# paths of all other services: the root, a queue's URL, Lambda's versioned API, and operations as `/service/NAME/operation/NAME`
SERVICE_PATHS = re.compile(rb"/|/\d{12}/[A-Za-z0-9_.-]+/?|/20\d\d-\d\d-\d\d/[^?#]*|/service/\w+/operation/\w+")
# bodies that are read before their signature is known: DynamoDB's largest call has 16 MiB
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
MAXIMUM_BUFFERED_BYTES = 17 * 2**20


class Gate:
    """@param key_of gives the Key of an access key id, None when this stack gave out none by that name @param port where it listens"""

    def __init__(self, key_of, port):
        self._key_of = key_of
        self._hosts = frozenset((f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode()))

    def check_origin(self, raw_headers):
        """Raises Refused for what a web page could have sent, whoever signed it."""
        hosts = [value for name, value in raw_headers if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            raise Refused("AccessDenied", "the Host is not the loopback address and port of this stack")
        headers = dict(raw_headers)
        site, mode = headers.get(b"sec-fetch-site"), headers.get(b"sec-fetch-mode")
        if b"origin" in headers or site not in (None, b"none"):
            raise Refused("AccessDenied", "web pages are not served here")
        # a browser names the site with the mode; `cors` alone comes from the fetch of Node and its like
        if mode not in ((None, b"cors") if site is None else (None, b"navigate")):
            raise Refused("AccessDenied", "web pages are not served here")

    async def admit(self, scope, receive):
        """@returns who signed the request, for which service, and the body as it may be read; raises Refused otherwise"""
        self.check_origin(scope["headers"])
        if scope["method"] == "OPTIONS":
            raise Refused("AccessDenied", "web pages are not served here")
        headers = joined(scope["headers"])
        query = signatures.query_pairs(scope.get("query_string", b""))
        claim = signatures.claim_of(headers, query)
        raw_path = scope["raw_path"]
        check_path(claim.service, raw_path)
        key = self._key_of(claim.access_key_id)
        if key is None:
            raise Refused(
                "InvalidClientTokenId",
                "the access key is none of this stack; `npx filemill local status` prints the credentials of the one that is up",
            )
        payload = signatures.signed_payload(claim)
        if payload is None:
            payload, receive = await signed_bodies.hashed(receive, MAXIMUM_BUFFERED_BYTES)
        signatures.check_head(claim, key, scope["method"], raw_path, query, headers, payload)
        return claim, signed_bodies.checked(receive, signed_bodies.body_check(claim, key, payload))


def joined(raw_headers):
    """Headers by name, several values of one name joined as the signature has them."""
    headers = {}
    for name, value in raw_headers:
        known = headers.get(name)
        headers[name] = value if known is None else known + b"," + value
    return headers


def declared_size(headers):
    """Bytes of the body as its head declares them; 0 when it doesn't, or nonsense, which the emulator refuses."""
    size = headers.get(b"content-length", b"0")
    return int(size) if size.isdigit() and len(size) < 20 else 0


def check_path(service, raw_path):
    if service not in SERVICES:
        raise Refused("AccessDenied", f"{service} is no service of this stack")
    if service == "s3":
        bucket = raw_path[1:].partition(b"/")[0]
        if raw_path[:1] != b"/" or (bucket and not BUCKET.fullmatch(bucket)):
            raise Refused("AccessDenied", "the path names no bucket")
    elif not SERVICE_PATHS.fullmatch(raw_path) or b"/." in raw_path or b"//" in raw_path:
        raise Refused("AccessDenied", f"{service} has no such path")


async def refuse(scope, send, refusal):
    """Answers in a form that SDKs read: XML for S3 and for forms, else JSON."""
    headers = dict(scope["headers"])
    is_json = b"x-amz-target" in headers or b"json" in headers.get(b"content-type", b"")
    if is_json:
        body = json.dumps({"__type": refusal.code, "message": refusal.reason})
    else:
        error = f"<Error><Code>{refusal.code}</Code><Message>{refusal.reason}</Message></Error>"
        body = error if b"content-type" not in headers else f"<ErrorResponse>{error}</ErrorResponse>"
    content = b"" if scope["method"] == "HEAD" else body.encode()
    # the body may not have been read; HTTP/2 has streams instead
    closing = [(b"connection", b"close")] if scope["http_version"].startswith("1") else []
    await send(
        {
            "type": "http.response.start",
            "status": 403,
            "headers": [
                (b"content-type", b"application/x-amz-json-1.0" if is_json else b"application/xml"),
                (b"content-length", str(len(content)).encode()),
                (b"x-amzn-errortype", refusal.code.encode()),
                # not even as a picture or a script of a page
                (b"cross-origin-resource-policy", b"same-origin"),
                (b"x-content-type-options", b"nosniff"),
                *closing,
            ],
        }
    )
    await send({"type": "http.response.body", "body": content})
