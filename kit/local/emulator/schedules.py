"""Rules by the clock, in time: the emulator looks at them every ten seconds, and knows no time but its own.

Where the runner's policies are to run faster than the clock, what comes each minute has to come as much faster.
"""

TICK_SECONDS = 1
# at most ten of a rule's minutes a second
LEAST_TICK_SECONDS = 0.1


def install(eventbridge, time_factor):
    """@param time_factor seconds of rules in a second of the clock, 1 at least"""
    rate_seconds = eventbridge._parse_rate_seconds
    # fails when the emulator no longer has it
    getattr(eventbridge, "_SCHEDULER_TICK_INTERVAL")

    def faster_rate_seconds(expression):
        seconds = rate_seconds(expression)
        return None if seconds is None else seconds / time_factor

    eventbridge._parse_rate_seconds = faster_rate_seconds
    eventbridge._SCHEDULER_TICK_INTERVAL = max(LEAST_TICK_SECONDS, TICK_SECONDS / time_factor)
