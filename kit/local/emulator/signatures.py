"""Signature Version 4, checked as AWS does: HMAC-SHA256 in the Authorization header or in a presigned query, and nothing else.

A head is checked by the payload hash that it claims; that the body is the one that was claimed is signed_bodies.py's.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import calendar
import functools
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
# the order in which every SDK writes the parts; one reading only, so that the emulator can't see another key than was checked
AUTHORIZATION = re.compile(
    ALGORITHM + r" Credential=(?P<credential>[^\s,]+), ?SignedHeaders=(?P<headers>[^\s,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
CREDENTIAL = re.compile(r"(?P<key>[A-Za-z0-9]{1,128})/(?P<date>\d{8})/(?P<region>[a-z0-9-]{1,64})/(?P<service>[a-z0-9-]{1,64})/aws4_request")
SIGNATURE = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"\d{8}T\d{6}Z")
HASH = re.compile(r"[0-9a-f]{64}")
QUERY_FIELDS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature")
TOKEN_FIELD = "X-Amz-Security-Token"
# names by which a query claims to be signed, in this or in an older way
OLD_CLAIMS = frozenset(("awsaccesskeyid", "signature"))
QUERY_CLAIMS = OLD_CLAIMS | frozenset(name.lower() for name in (*QUERY_FIELDS, TOKEN_FIELD))
# how far a request's time may be from now: what S3 and most services allow
MAXIMUM_SKEW_SECONDS = 15 * 60
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
MAXIMUM_EXPIRES_SECONDS = 7 * 24 * 3600
UNSIGNED = "UNSIGNED-PAYLOAD"
UNSIGNED_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED_CHUNKS = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")


class Refused(Exception):
    """A request that is not let in: AWS's code for it, and a reason in one line."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Key:
    """What an access key id stands for. `token` is None for a key without a session; `expires` is in seconds since 1970."""

    secret: str
    token: str | None = None
    expires: float | None = None


@dataclass(frozen=True)
class Claim:
    """What a request says of its signature."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: str
    signature: str
    time: str
    token: str | None
    presigned: bool
    # hash or marker of the payload; None when the client left it out
    payload: str | None

    @property
    def scope(self):
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def claim_of(headers, query):
    """Reads a request's signature. @param headers names in lower case, values of one name joined by commas @param query pairs, decoded"""
    authorization = headers.get(b"authorization")
    claims = [name for name, _ in query if name.lower() in QUERY_CLAIMS]
    if authorization is not None and claims:
        raise Refused("InvalidRequest", "only one way to sign is allowed in a request")
    if authorization is not None:
        return _header_claim(authorization, headers)
    if claims:
        return _query_claim(query, claims, headers)
    raise Refused("MissingAuthenticationToken", "the request is not signed; `npx filemill local status` prints the credentials")


def _header_claim(authorization, headers):
    parsed = AUTHORIZATION.fullmatch(authorization.decode("latin-1"))
    if parsed is None:
        raise Refused("IncompleteSignature", f"the Authorization header is no {ALGORITHM} signature")
    return _claim(
        parsed["credential"],
        parsed["headers"],
        parsed["signature"],
        time=_text(headers, b"x-amz-date"),
        token=_text(headers, b"x-amz-security-token"),
        presigned=False,
        payload=_text(headers, b"x-amz-content-sha256"),
    )


def _query_claim(query, claims, headers):
    if any(name.lower() in OLD_CLAIMS for name in claims):
        raise Refused("InvalidRequest", "Signature Version 2 is not taken here: presign with version 4 (`s3v4` in botocore)")
    fields = dict(query)
    missing = [name for name in QUERY_FIELDS if name not in fields]
    if missing or len(claims) != len(set(claims)) or not set(claims) <= {*QUERY_FIELDS, TOKEN_FIELD}:
        raise Refused("AuthorizationQueryParametersError", f"the query is no {ALGORITHM} signature")
    if fields["X-Amz-Algorithm"] != ALGORITHM or not SIGNATURE.fullmatch(fields["X-Amz-Signature"]):
        raise Refused("AuthorizationQueryParametersError", f"the query is no {ALGORITHM} signature")
    claim = _claim(
        fields["X-Amz-Credential"],
        fields["X-Amz-SignedHeaders"],
        fields["X-Amz-Signature"],
        time=fields["X-Amz-Date"],
        token=fields.get(TOKEN_FIELD),
        presigned=True,
        payload=_text(headers, b"x-amz-content-sha256"),
    )
    _check_expiry(claim.time, fields["X-Amz-Expires"])
    return claim


def _claim(credential, signed_headers, signature, **rest):
    parsed = CREDENTIAL.fullmatch(credential)
    if parsed is None:
        raise Refused("IncompleteSignature", "the credential is no KEY/DATE/REGION/SERVICE/aws4_request")
    claim = Claim(parsed["key"], parsed["date"], parsed["region"], parsed["service"], signed_headers, signature, **rest)
    if claim.time is None or not TIME.fullmatch(claim.time) or claim.time[:8] != claim.date:
        raise Refused("IncompleteSignature", "the request has no X-Amz-Date of its credential's day")
    return claim


def _text(headers, name):
    value = headers.get(name)
    return None if value is None else value.decode("latin-1").strip()


@functools.lru_cache(maxsize=256)
def _seconds(text):
    try:
        return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise Refused("IncompleteSignature", "the request's X-Amz-Date is no time") from None


def _check_expiry(signed_at, expires):
    if not expires.isascii() or not expires.isdigit() or int(expires) > MAXIMUM_EXPIRES_SECONDS:
        raise Refused("AuthorizationQueryParametersError", f"X-Amz-Expires is no number up to {MAXIMUM_EXPIRES_SECONDS}")
    if time.time() > _seconds(signed_at) + int(expires):
        raise Refused("AccessDenied", "the presigned request has expired")


def check_head(claim, key, method, raw_path, query, headers, payload):
    """@param payload the hash or marker that was signed; raises Refused unless the key's holder signed exactly this head"""
    now = time.time()
    signed_at = _seconds(claim.time)
    if signed_at > now + MAXIMUM_SKEW_SECONDS or (not claim.presigned and signed_at < now - MAXIMUM_SKEW_SECONDS):
        raise Refused("RequestTimeTooSkewed", "the request was not signed within 15 minutes of now")
    if key.expires is not None and now > key.expires:
        raise Refused("ExpiredToken", "the session of this access key has expired")
    if not hmac.compare_digest((claim.token or "").encode(), (key.token or "").encode()):
        raise Refused("InvalidToken", "the session token is not the one of this access key; a root user has none (unset AWS_SESSION_TOKEN)")
    signed = claim.signed_headers.split(";")
    unsigned = [name for name in headers if name.startswith(b"x-amz-") and name.decode("latin-1") not in signed]
    if "host" not in signed or unsigned:
        raise Refused("AccessDenied", "the signature leaves out the Host header or an x-amz- header")
    request = _canonical_request(claim, method, raw_path, query, headers, signed, payload)
    if not hmac.compare_digest(sign(claim, key, _to_sign(claim, request)), claim.signature):
        raise Refused(
            "SignatureDoesNotMatch",
            "the signature does not match: another secret, or something changed on the way; "
            "`npx filemill local status` prints the credentials of the stack that is up",
        )


def _to_sign(claim, canonical_request):
    return f"{ALGORITHM}\n{claim.time}\n{claim.scope}\n{hashlib.sha256(canonical_request).hexdigest()}"


def sign(claim, key, text):
    return hmac.new(_signing_key(key.secret, claim.date, claim.region, claim.service), text.encode(), hashlib.sha256).hexdigest()


@functools.lru_cache(maxsize=256)
def _signing_key(secret, *scope):
    key = ("AWS4" + secret).encode()
    for part in (*scope, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _canonical_request(claim, method, raw_path, query, headers, signed, payload):
    # S3 signs the path as it was sent; all others encode it once more
    path = raw_path.decode("latin-1") if claim.service == "s3" else quote_from_bytes(raw_path, safe="/-_.~")
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in query if name != "X-Amz-Signature")
    lines = [method, path, "&".join(f"{name}={value}" for name, value in pairs)]
    canonical = "\n".join(lines).encode("latin-1")
    for name in signed:
        value = headers.get(name.encode("latin-1"), b"")
        canonical += b"\n" + name.encode("latin-1") + b":" + b" ".join(value.split())
    return canonical + f"\n\n{claim.signed_headers}\n{payload}".encode("latin-1")


def _encoded(text):
    return quote_from_bytes(text.encode("utf-8", "surrogateescape"), safe="-_.~")


def query_pairs(query_string):
    """Decoded pairs of a raw query, in their order. A plus is a blank, as AWS reads it."""
    pairs = []
    for part in query_string.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((_decoded(name), _decoded(value)))
    return pairs


def _decoded(raw):
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", "surrogateescape")


def signed_payload(claim):
    """The hash or marker that the signature covers, None when it is the hash of a body that has to be read first."""
    if claim.payload is None:
        if claim.service != "s3":
            return None
        if claim.presigned:
            return UNSIGNED
        raise Refused("InvalidRequest", "S3 needs the header x-amz-content-sha256")
    markers = (UNSIGNED, UNSIGNED_CHUNKS, *SIGNED_CHUNKS) if claim.service == "s3" else ()
    if claim.payload in markers or HASH.fullmatch(claim.payload):
        return claim.payload
    raise Refused("InvalidRequest", "x-amz-content-sha256 is neither a hash nor a marker that is taken here")
