"""What of the emulator is left for a stack: its services, its root user, its functions.

The gate has checked who sent a request, so the emulator is told and asks no more: it takes well-known keys for root, makes the keys
of functions from their names, and has paths that answer anybody. All of that is replaced or off here.
"""

import base64
import contextvars
import functools
import hashlib
import hmac
import os

import gate
from signatures import Key

# the emulator reads it when it is imported; others' requests, and those of its own Step Functions, end as "Unsupported service"
os.environ["SERVICES"] = ",".join(sorted(gate.SERVICES))

from ministack import app as emulator
from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.responses import error_response_json
from ministack.services import lambda_svc, s3, sts

# the access key whose signature the gate found right, for the request that is served
signed_by = contextvars.ContextVar("signed_by", default="")
SEALED = "functions are made while the stack is provisioned; afterwards nobody changes their code: take the stack down and start it again"
# whatever brings code, or makes a function run other code
CODE_OPERATIONS = ("_create_function", "_update_code", "_update_config", "_publish_layer_version")


class Keys:
    """The access keys of this stack: its root user's, and those of the sessions that the emulator issued."""

    def __init__(self, root_id, root_secret):
        self._root_id = root_id
        self._root = Key(root_secret)

    def is_root(self, access_key_id):
        return access_key_id == self._root_id

    def find(self, access_key_id):
        if self.is_root(access_key_id):
            return self._root
        session = sts._sessions.get(access_key_id)
        # a session without a token would be none of the kinds that a stack has
        if session is None or not session.get("SecretAccessKey") or not session.get("SessionToken"):
            return None
        return Key(session["SecretAccessKey"], session["SessionToken"], session.get("Expiration"))


def install(keys, function_secret):
    """@param function_secret bytes that nobody knows, for the keys of functions"""
    # paths that answer without a signature: health, reset, queues' contents, downloads, other services' data planes, preflights
    emulator._handle_pre_body_request = nothing
    emulator._handle_post_body_shortcuts = nothing
    emulator._handle_special_data_plane_request = nothing
    # scripts that another emulator's user may have on this machine
    emulator._collect_scripts = lambda *_folders: []
    emulator.pin_signed_request = pin_checked_request
    s3._verify_presigned_sigv4 = lambda *_request: None
    iam_evaluator.is_root_access_key = keys.is_root
    sts.is_root_access_key = keys.is_root
    credentials = functools.partial(function_credentials, function_secret)
    lambda_runtime.execution_credentials = credentials
    lambda_svc.execution_credentials = credentials


def seal():
    """From now on the functions are those there are."""
    for name in CODE_OPERATIONS:
        # fails when the emulator no longer has it: then another function of it takes code
        getattr(lambda_svc, name)
        setattr(lambda_svc, name, refuse_code)


def refuse_code(*_arguments, **_options):
    return error_response_json("AccessDeniedException", SEALED, 403)


async def nothing(*_arguments, **_options):
    return None


def pin_checked_request(*_request, **_options):
    """Takes the place of the emulator's own check, which lets root's requests through unchecked."""
    iam_evaluator._signed_request.set(None)
    iam_evaluator._verified_key.set(signed_by.get())
    iam_evaluator._anonymous.set(signed_by.get() == "")


def function_credentials(secret, config):
    """The session of a function's role: the same one each time, for its processes share it, and known to nobody else."""
    arn, role = config["FunctionArn"], config["Role"]
    account, role_name = arn.split(":")[4], role.rsplit("/", 1)[-1]
    session_name = config["FunctionName"][:64]

    def derived(what):
        return hmac.new(secret, f"{what}\n{arn}\n{role}".encode(), hashlib.sha256).digest()

    access_key = "ASIA" + base64.b32encode(derived("id"))[:16].decode()
    secret_key, token = derived("secret").hex(), derived("token").hex()
    sts.register_session(
        access_key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}",
            "UserId": f"{role_name}:{session_name}",
            "SecretAccessKey": secret_key,
            "SessionToken": token,
        },
    )
    return {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key, "AWS_SESSION_TOKEN": token}
