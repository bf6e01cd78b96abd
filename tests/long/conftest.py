from tests.media.relays import relay, rooms

__all__ = ["relay", "rooms"]
