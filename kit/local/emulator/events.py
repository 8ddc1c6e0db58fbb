"""Events that rules, buckets and programs give to functions, as Lambda's queue of asynchronous events takes them.

The emulator alone starts all of them at once, each in a process of its own, and forgets those that fail. Here they wait for one of few
places, are tried again as the function's configuration says, and go to its destination for failures.
"""

import contextvars
import inspect
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)
# each is a Node process beside the emulator, on a machine of two processors
PLACES = 3
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: two more attempts, a minute and two minutes later
DEFAULT_RETRIES = 2
RETRY_SECONDS = (60, 120)


# the version of the object that an event is about
told_version = contextvars.ContextVar("told_version", default=None)


def install(eventbridge, lambda_svc, s3):
    install_versions(eventbridge, s3)
    install_queue(eventbridge, lambda_svc)


def install_versions(eventbridge, s3):
    """Events of buckets with versions name the version, as on AWS. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html"""
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event
    signature = inspect.signature(fire)
    # fails when the emulator no longer has it
    signature.parameters["version_id"]

    def fire_with_version(*arguments, **options):
        token = told_version.set(signature.bind(*arguments, **options).arguments.get("version_id"))
        try:
            return fire(*arguments, **options)
        finally:
            told_version.reset(token)

    def dispatch_with_version(event, *arguments, **options):
        version = told_version.get()
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"].setdefault("version-id", version)
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, *arguments, **options)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version


def install_queue(eventbridge, lambda_svc):
    places = ThreadPoolExecutor(PLACES, thread_name_prefix="events")

    def enqueue(record, event):
        places.submit(attempt, contextvars.copy_context(), record, event, 0)

    def attempt(context, record, event, number):
        result = context.run(lambda_svc._execute_function_with_config_scope, record, event)
        if not result.get("error"):
            return
        settings = record.get("event_invoke_config") or (record.get("event_invoke_configs") or {}).get("$LATEST") or {}
        retries = settings.get("MaximumRetryAttempts")
        if number < (DEFAULT_RETRIES if retries is None else retries):
            later = threading.Timer(RETRY_SECONDS[number], places.submit, (attempt, context, record, event, number + 1))
            later.daemon = True
            later.start()
            return
        name = record["config"]["FunctionName"]
        destination = ((settings.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        if destination:
            context.run(lambda_svc._route_async_failure, destination, name, event, result)
        else:
            logger.warning("an event for %s failed, and nothing keeps it", name)

    def dispatch(arn, payload):
        function, config, name = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            logger.warning("there is no function %s for an event", name)
            return
        enqueue(lambda_svc._execution_record_for_config(function, config), json.loads(payload))

    # fails when the emulator no longer has them
    for needed in ("invoke_async_with_retry", "_execute_function_with_config_scope", "_route_async_failure", "_get_func_record_for_ref", "_execution_record_for_config"):
        getattr(lambda_svc, needed)
    getattr(eventbridge, "_dispatch_to_lambda")
    eventbridge._dispatch_to_lambda = dispatch
    # what buckets tell, and calls that nobody waits for
    lambda_svc.invoke_async_with_retry = enqueue
