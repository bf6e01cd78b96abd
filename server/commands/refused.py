"""The base of what a command cannot do, with a sentence for whoever typed it."""


class Refused(Exception):
    """What was asked cannot be done; the text says why."""
