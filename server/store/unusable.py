"""The base of what keeps a whole database from being opened, with a sentence for whoever runs the server."""


class Unusable(Exception):
    """The text says why and what to do."""
