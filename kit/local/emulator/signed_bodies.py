"""Bodies held against what was signed of them, part by part as they stream through: nothing is kept here but the ends of chunks.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import hashlib
import hmac
import re

from signatures import ALGORITHM, SIGNED_CHUNKS, UNSIGNED, UNSIGNED_CHUNKS, Refused, sign

EMPTY_HASH = hashlib.sha256(b"").hexdigest()


async def hashed(receive, maximum_bytes):
    """Reads a body whose hash the client left out. @returns its hash, and a `receive` that gives it again"""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused("IncompleteBody", "the client went away")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > maximum_bytes:
            raise Refused("RequestEntityTooLarge", f"the body is over {maximum_bytes} bytes and its hash is not in x-amz-content-sha256")
        more = message.get("more_body", False)
    body = b"".join(parts)
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again():
        return waiting.pop() if waiting else await receive()

    return hashlib.sha256(body).hexdigest(), again


def checked(receive, check):
    """A `receive` that raises Refused, instead of giving the last part, when the body is not the one that was signed."""
    if check is None:
        return receive

    async def checking():
        message = await receive()
        if message["type"] == "http.request":
            check.feed(message.get("body", b""))
            if not message.get("more_body", False):
                check.end()
        return message

    return checking


def body_check(claim, key, payload):
    """What the body is held against: an object with `feed(bytes)` and `end()`, or None when the signature leaves it open."""
    if payload in (UNSIGNED, UNSIGNED_CHUNKS):
        return None
    return SignedChunks(claim, key, payload.endswith("-TRAILER")) if payload in SIGNED_CHUNKS else WholeBody(payload)


class WholeBody:
    def __init__(self, expected):
        self._expected = expected
        self._hash = hashlib.sha256()

    def feed(self, part):
        self._hash.update(part)

    def end(self):
        if not hmac.compare_digest(self._hash.hexdigest(), self._expected):
            raise Refused("XAmzContentSHA256Mismatch", "the body is not the one that was signed")


class SignedChunks:
    """Chunks that each carry a signature over themselves and the signature before them."""

    HEAD = re.compile(rb"([0-9a-fA-F]{1,16});chunk-signature=([0-9a-f]{64})")
    MAXIMUM_HEAD_BYTES = 128
    TRAILER_SIGNATURE = re.compile(rb"x-amz-trailer-signature:\s*([0-9a-f]{64})")
    MAXIMUM_TRAILER_BYTES = 16_384

    def __init__(self, claim, key, has_trailer):
        self._claim = claim
        self._key = key
        self._previous = claim.signature
        self._has_trailer = has_trailer
        self._pending = bytearray()
        self._left = 0
        self._expected = None
        self._hash = hashlib.sha256()
        self._done = False

    def feed(self, part):
        self._pending += part
        while not self._done and self._step():
            pass
        if self._done and len(self._pending) > self.MAXIMUM_TRAILER_BYTES:
            raise self._broken()

    def end(self):
        if not self._done:
            raise self._broken()
        if self._has_trailer:
            self._check_trailer()
        elif bytes(self._pending) not in (b"", b"\r\n"):
            raise self._broken()

    def _step(self):
        """Takes a chunk's head, or as much of its data as there is. @returns whether there may be more to take"""
        if self._expected is None:
            return self._take_head()
        taken = self._pending[: self._left]
        self._hash.update(taken)
        self._left -= len(taken)
        del self._pending[: len(taken)]
        if self._left > 0 or len(self._pending) < 2:
            return False
        self._end_chunk()
        return True

    def _take_head(self):
        end = self._pending.find(b"\r\n")
        if end < 0:
            if len(self._pending) > self.MAXIMUM_HEAD_BYTES:
                raise self._broken()
            return False
        head = self.HEAD.fullmatch(bytes(self._pending[:end]))
        if head is None:
            raise self._broken()
        del self._pending[: end + 2]
        self._left = int(head[1], 16)
        self._expected = head[2].decode()
        if self._left == 0:
            self._check(f"{ALGORITHM}-PAYLOAD", f"{EMPTY_HASH}\n{EMPTY_HASH}", self._expected)
            self._done = True
        return True

    def _end_chunk(self):
        if self._pending[:2] != b"\r\n":
            raise self._broken()
        del self._pending[:2]
        self._check(f"{ALGORITHM}-PAYLOAD", f"{EMPTY_HASH}\n{self._hash.hexdigest()}", self._expected)
        self._expected = None
        self._hash = hashlib.sha256()

    def _check_trailer(self):
        lines = [line for line in bytes(self._pending).split(b"\r\n") if line]
        signature = self.TRAILER_SIGNATURE.fullmatch(lines[-1]) if lines else None
        if signature is None:
            raise self._broken()
        trailers = b"".join(name.strip().lower() + b":" + value.strip() + b"\n" for name, _, value in (line.partition(b":") for line in lines[:-1]))
        self._check(f"{ALGORITHM}-TRAILER", hashlib.sha256(trailers).hexdigest(), signature[1].decode())

    def _check(self, kind, hashes, expected):
        text = f"{kind}\n{self._claim.time}\n{self._claim.scope}\n{self._previous}\n{hashes}"
        self._previous = sign(self._claim, self._key, text)
        if not hmac.compare_digest(self._previous, expected):
            raise Refused("SignatureDoesNotMatch", "a chunk of the body is not the one that was signed")

    @staticmethod
    def _broken():
        return Refused("IncompleteBody", "the body is not in signed chunks as its head says")
