"""Holds the gate's reading of signatures against those that AWS has published. Argument: the folder of signatures.py.

Prints a JSON object: the outcome of each case, "ok" or the code of the refusal.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import calendar
import json
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import signatures
import signed_bodies

SIGNED_AT = calendar.timegm((2013, 5, 24, 0, 0, 0))
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
CREDENTIAL = f"{KEY_ID}/20130524/us-east-1/s3/aws4_request"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def outcome(method, target, headers, signature, body=b"", now=SIGNED_AT, key=signatures.Key(SECRET)):
    """@param signature of the header; None: it is in the query"""
    time.time = lambda: now
    given = {name.encode(): value.encode() for name, value in headers.items()}
    path, _, query_string = target.encode().partition(b"?")
    if signature is not None:
        names = ";".join(sorted(headers))
        given[b"authorization"] = f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders={names}, Signature={signature}".encode()
    query = signatures.query_pairs(query_string)
    try:
        claim = signatures.claim_of(given, query)
        payload = signatures.signed_payload(claim)
        signatures.check_head(claim, key, method, path, query, given, payload)
        check = signed_bodies.body_check(claim, key, payload)
        # in pieces of any size
        for start in range(0, len(body), 1009):
            check.feed(body[start : start + 1009])
        if check is not None:
            check.end()
    except signatures.Refused as refusal:
        return refusal.code
    return "ok"


def header(more, payload=EMPTY, host="examplebucket.s3.amazonaws.com"):
    return {"host": host, "x-amz-content-sha256": payload, "x-amz-date": "20130524T000000Z", **more}


def chunked(pieces):
    return b"".join(b"%x;chunk-signature=%s\r\n%s\r\n" % (len(data), signature, data) for data, signature in pieces)


GET = ("GET", "/test.txt", header({"range": "bytes=0-9"}), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
PUT_HASH = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
PUT_HEADERS = header({"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}, PUT_HASH)
PUT = ("PUT", "/test%24file.text", PUT_HEADERS, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
PRESIGNED = (
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)
HOST = {"host": "examplebucket.s3.amazonaws.com"}
CHUNKS = [
    (b"a" * 65536, b"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (b"a" * 1024, b"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (b"", b"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
]
CHUNKED = (
    "PUT",
    "/examplebucket/chunkObject.txt",
    header(
        {
            "content-encoding": "aws-chunked",
            "content-length": "66824",
            "x-amz-decoded-content-length": "66560",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "s3.amazonaws.com",
    ),
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
)
session = signatures.Key(SECRET, None, SIGNED_AT + 60)

print(
    json.dumps(
        {
            "get": outcome(*GET),
            "put": outcome(*PUT, body=b"Welcome to Amazon S3."),
            "lifecycle": outcome("GET", "/?lifecycle", header({}), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
            "list": outcome("GET", "/?max-keys=2&prefix=J", header({}), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            "presigned": outcome("GET", PRESIGNED, HOST, None),
            "chunked": outcome(*CHUNKED, body=chunked(CHUNKS)),
            "another body": outcome(*PUT, body=b"Welcome to Amazon S4."),
            "a chunk twice": outcome(*CHUNKED, body=chunked([CHUNKS[0], CHUNKS[0], *CHUNKS[1:]])),
            "chunks without an end": outcome(*CHUNKED, body=chunked(CHUNKS[:2])),
            "15 minutes later": outcome(*GET, now=SIGNED_AT + 900),
            "15 minutes and a second later": outcome(*GET, now=SIGNED_AT + 901),
            "presigned, on its last second": outcome("GET", PRESIGNED, HOST, None, now=SIGNED_AT + 86400),
            "presigned, a second too late": outcome("GET", PRESIGNED, HOST, None, now=SIGNED_AT + 86401),
            "a session in its last minute": outcome(*GET, now=SIGNED_AT + 60, key=session),
            "a session that has ended": outcome(*GET, now=SIGNED_AT + 61, key=session),
        }
    )
)
