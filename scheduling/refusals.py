"""The base of every expected "no" of the scheduling rules; each refusal is defined beside the rule that raises it."""


class SchedulingRefusal(Exception):
    """An expected "no" of the scheduling rules."""
