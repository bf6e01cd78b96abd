from tests.media.relays import line, relay, rooms

__all__ = ["line", "relay", "rooms"]
