"""Objects on disk: the emulator keeps every object in memory, and each version of it, so a corpus would be held once for each bucket
that it goes through. Here big bodies are files of the stack's folder, one for each, and go with their last reference.

(The emulator's own S3_PERSIST is no help: in buckets with versions it holds the bodies all the same, and it reads a whole object for
each range.)
"""

import asyncio
import collections
import contextlib
import contextvars
import errno
import itertools
import os

from ministack.core.responses import StreamingResponse
from ministack.services import s3

# smaller ones stay in memory: a file would cost more than it saves
MINIMUM_BYTES = 65_536
PIECE_BYTES = 262_144
# the emulator holds a body that is being received twice for a moment
MAXIMUM_RECEIVED_BYTES = 64 * 2**20
# within a read for a client, which takes a body piece by piece; everybody else gets bytes
sending = contextvars.ContextVar("sending", default=False)


class BodyFile:
    """A file that goes with the last body in it."""

    __slots__ = ("path",)

    def __init__(self, path, body):
        self.path = path
        with open(path, "xb") as file:
            file.write(body)

    def __del__(self):
        try:
            os.remove(self.path)
        except FileNotFoundError:
            # the disk was full when it was made
            pass


class StoredBody:
    """Bytes in a file: as much of `bytes` as the emulator needs of a body that it slices, and pieces of it to send."""

    __slots__ = ("_file", "_start", "_size")

    def __init__(self, file, start, size):
        self._file = file
        self._start = start
        self._size = size

    def __len__(self):
        return self._size

    def __getitem__(self, part):
        start, stop, _ = part.indices(self._size)
        return StoredBody(self._file, self._start + start, max(0, stop - start))

    def read(self):
        with open(self._file.path, "rb") as file:
            file.seek(self._start)
            return file.read(self._size)

    async def send_to(self, send, _receive=None):
        """As a response's body, piece by piece, as fast as the client takes it."""
        left = self._size
        with open(self._file.path, "rb") as file:
            file.seek(self._start)
            while True:
                piece = file.read(min(left, PIECE_BYTES))
                left -= len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
                if left == 0:
                    return


class Inflow:
    """Bodies on their way in, which are in memory: first come, first served, and no more at a time than `limit` bytes (or one body)."""

    def __init__(self, limit):
        self._limit = limit
        self._taken = 0
        self._waiting = collections.deque()

    @contextlib.asynccontextmanager
    async def body(self, size):
        size = min(size, self._limit)
        if size < MINIMUM_BYTES:
            yield
            return
        if self._waiting or self._taken + size > self._limit:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append((size, turn))
            try:
                await turn
            except asyncio.CancelledError:
                # its turn may have come at the same moment
                if not turn.cancelled():
                    self._leave(size)
                raise
        else:
            self._taken += size
        try:
            yield
        finally:
            self._leave(size)

    def _leave(self, size):
        self._taken -= size
        while self._waiting and self._taken + self._waiting[0][0] <= self._limit:
            size, turn = self._waiting.popleft()
            if not turn.done():
                self._taken += size
                turn.set_result(None)


class Store:
    """@param on_full called with an error's text when the disk has no room"""

    def __init__(self, folder, on_full):
        self._folder = folder
        self._on_full = on_full
        self._numbers = itertools.count()
        os.makedirs(folder, mode=0o700, exist_ok=True)

    def stored(self, body):
        """The body to keep: itself when it is small or stored already."""
        if not isinstance(body, bytes) or len(body) < MINIMUM_BYTES:
            return body
        path = os.path.join(self._folder, str(next(self._numbers)))
        try:
            return StoredBody(BodyFile(path, body), 0, len(body))
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                self._on_full(f"{self._folder}: {error.strerror}")
            raise

    def keep(self, bucket_name, key):
        """Stores what a request left in memory of an object and of its versions."""
        bucket = s3._buckets.get(bucket_name)
        if bucket is None:
            return
        versions = s3._object_versions.get((bucket_name, key)) or []
        current = bucket["objects"].get(key)
        records = [(version, "data") for version in versions] + ([] if current is None else [(current, "body")])
        # a body may be in several records
        kept = {}
        for record, field in records:
            body = record.get(field)
            if id(body) not in kept:
                kept[id(body)] = (body, self.stored(body))
            record[field] = kept[id(body)][1]

    def keep_parts(self, upload_id):
        for part in (s3._multipart_uploads.get(upload_id) or {"parts": {}})["parts"].values():
            part["body"] = self.stored(part["body"])


def install(store):
    handle, complete = s3.handle_request, s3._complete_multipart_upload
    read_body, version_body = s3._read_body, s3._version_body

    async def handle_keeping(method, path, headers, body, query_params, *rest, **options):
        token = sending.set(method == "GET")
        try:
            answer = await handle(method, path, headers, body, query_params, *rest, **options)
        finally:
            sending.reset(token)
        if method not in ("GET", "HEAD"):
            upload_id = s3._qp(query_params, "uploadId", "")
            if upload_id:
                store.keep_parts(upload_id)
            store.keep(*s3._parse_bucket_key(path, headers))
        return streamed(*answer)

    def complete_loaded(bucket_name, key, body, query_params, *rest, **options):
        upload = s3._multipart_uploads.get(s3._qp(query_params, "uploadId", "")) or {"parts": {}}
        for part in upload["parts"].values():
            part["body"] = loaded(part["body"])
        return complete(bucket_name, key, body, query_params, *rest, **options)

    s3.handle_request = handle_keeping
    s3._complete_multipart_upload = complete_loaded
    s3._read_body = lambda *object_: as_needed(read_body(*object_))
    s3._version_body = lambda *version: as_needed(version_body(*version))


def as_needed(body):
    return body if sending.get() else loaded(body)


def streamed(status, headers, body):
    if not isinstance(body, StoredBody):
        return status, headers, body
    return status, {**headers, "Content-Length": str(len(body))}, StreamingResponse(body.send_to)


def loaded(body):
    return body.read() if isinstance(body, StoredBody) else body
