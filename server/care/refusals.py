"""The base of every expected "no" of the care rules; each refusal stands beside the function that raises it."""


class CareRefusal(Exception):
    """The rules say no, and the class's name says why."""
