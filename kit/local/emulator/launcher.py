"""Starts the emulator the way a local run needs it.

Standard input brings one line of JSON (`orderOf` in emulator.ts), so that secrets stand neither in a command line nor in the
environment, which every Lambda inherits; then lines of JSON: {"seal": true}, and what answered.py takes. Its end means that the runner is
gone, and the whole process group goes with it.

File descriptor 3 receives JSON lines:
- {"listening": {"port": 4566}} when requests are served, or {"portTaken": 4566} before this process ends;
- {"sealed": true} when no function takes code any more;
- {"diskFull": "FOLDER: REASON"} when an object could not be kept;
- {"call": {...}} for each call that the runner answers (answered.py);
- {"calls": {"s3:PutObject": 3}} about every 200 ms while there are any, and {"denied": {...}} at once for each call that IAM or a
  resource policy refused.

Around the emulator's own ASGI application: gate.py lets in what is signed, lockdown.py leaves of the emulator what a stack needs,
objects.py keeps big objects on disk, readback.py tells what was written, events.py queues events for functions, schedules.py has rules by
the clock as fast as was asked for, answered.py hands calls to the runner, calls.py reports, faults.py does on order what goes wrong on
AWS now and then. Requests count as sent over TLS, so that TLS-only
policies work as on AWS although the loopback link is plain HTTP; `plainHttp` leaves them as they are (a test of the policies).
"""

import asyncio
import errno
import hmac
import json
import os
import signal
import socket
import sys
import threading

REPORT_FD = 3
LOOPBACK = "127.0.0.1"
SECURE_TRANSPORT = (b"x-forwarded-proto", b"https")
CONTROL_HEADER = b"x-filemill-control"
# as many as hypercorn asks for
BACKLOG = 100
KEEP_ALIVE_SECONDS = 75


def send_line(message):
    line = (json.dumps(message) + "\n").encode()
    try:
        while line:
            line = line[os.write(REPORT_FD, line):]
    except OSError:
        end_group()


def end_group():
    """Ends this process and the Lambda processes below it; they share its process group."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def listen(port):
    """A socket that is ours before anything is made for its port; connections wait in it until the emulator is ready."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        send_line({"portTaken": port})
        sys.exit(1)
    return listener


def raise_file_limit():
    """A burst of connections may need more files than the soft limit allows."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        if soft != hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        # macOS names a hard limit that it doesn't give; its soft one will have to do
        pass


def watch_runner(orders, on_order):
    for line in orders:
        on_order(json.loads(line))
    end_group()


def main():
    orders = open(0, "rb", buffering=0)
    first = orders.readline()
    if not first:
        end_group()
    order = json.loads(first)
    running = {}

    def on_order(message):
        running["loop"].call_soon_threadsafe(running["take"], message)

    threading.Thread(target=watch_runner, args=(orders, on_order), daemon=True).start()
    # whatever is written from here on is for its owner only
    os.umask(0o077)
    listener = listen(order["port"])
    port = listener.getsockname()[1]
    # the emulator reads it when it is imported, so nothing of it was imported before this point
    os.environ["GATEWAY_PORT"] = str(port)
    serve(order, running, listener, port)


def serve(order, running, listener, port):
    # no bytecode beside the project's own files
    sys.dont_write_bytecode = True
    import answered
    import calls
    import events
    import faults
    import gate
    import lockdown
    import objects
    import readback
    import schedules
    from signatures import Refused

    sys.dont_write_bytecode = False
    from hypercorn.asyncio import serve as serve_http
    from hypercorn.asyncio.tcp_server import TCPServer
    from hypercorn.config import Config
    from ministack.services import eventbridge, lambda_svc, s3, sqs

    emulator = lockdown.emulator
    keys = lockdown.Keys(order["accessKeyId"], order["secretAccessKey"])
    calls.install()
    lockdown.install(keys, os.urandom(32))
    faults.install(TCPServer, sqs)
    events.install(eventbridge, lambda_svc, s3)
    schedules.install(eventbridge, order["timeFactor"])
    runner = answered.Answered(send_line)
    runner.install(emulator, order["answered"])
    inflow = objects.Inflow(objects.MAXIMUM_RECEIVED_BYTES)
    objects.install(objects.Store(order["objectsFolder"], lambda problem: send_line({"diskFull": problem})))
    # it sets finer points of the Content-Type of good answers, which no SDK reads, by loading botocore's model of each service:
    # a third of a second of every start
    emulator.fix_success_content_type = lambda service, status, headers: None

    control_secret = order["controlSecret"].encode()
    entrance = gate.Gate(keys.find, port)
    report = calls.Report(send_line)

    async def application(scope, receive, send):
        if scope["type"] == "lifespan":
            await emulator.app(scope, receive, telling_start(send))
        elif scope["type"] == "http":
            try:
                await enter(scope, receive, send)
            except Refused as refusal:
                await gate.refuse(scope, send, refusal)
        elif scope["type"] == "websocket":
            # unaccepted, hypercorn answers 403
            await send({"type": "websocket.close"})

    async def enter(scope, receive, send):
        lockdown.signed_by.set("")
        control = {faults.PATH: faults.control, answered.ORDERS_PATH: runner.control}.get(scope["path"])
        if control is not None:
            entrance.check_origin(scope["headers"])
            if not hmac.compare_digest(dict(scope["headers"]).get(CONTROL_HEADER, b""), control_secret):
                raise Refused("AccessDenied", "orders are given by who started the stack")
            await control(scope, receive, send)
            return
        claim, receive = await entrance.admit(scope, receive)
        lockdown.signed_by.set(claim.access_key_id)
        readback.teach(claim.service)
        if not order["plainHttp"]:
            scope = {**scope, "headers": [*scope["headers"], SECURE_TRANSPORT]}
        headers = dict(scope["headers"])
        operation = calls.operation_of(scope, claim.service, headers, b"")
        app = calls.observed(emulator.app, report, claim, headers)
        async with inflow.body(gate.declared_size(headers)):
            await faults.faulty(app, scope, receive, send, operation, lambda: calls.caller_of(claim.access_key_id))

    def telling_start(send):
        async def sending(message):
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                running.update(loop=asyncio.get_running_loop(), take=take)
                send_line({"listening": {"port": port}})

        return sending

    def take(message):
        if "seal" not in message:
            runner.take(message)
            return
        lockdown.seal()
        send_line({"sealed": True})

    raise_file_limit()
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.loglevel = emulator.LOG_LEVEL
    asyncio.run(serve_http(application, config))


if __name__ == "__main__":
    main()
