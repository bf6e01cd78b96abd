"""What pages need to know of the configuration, as values; config.py builds them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class ClinicFacts:
    """Shown on every patient's page, errors included."""

    name: str
    phone: str
    emergency_number: str
    crisis_line: str
    time_zone: str
    languages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteFacts:
    """`base_url` without a trailing slash; `secure` when it is HTTPS."""

    base_url: str
    secure: bool
    # Every origin a page of ours can have: one, or both names of loopback.
    origins: frozenset[str]
    # Whether text messages can be sent.
    sends_sms: bool = False
    # Where browsers reach the relay when this machine cannot tell by itself.
    media_addresses: tuple[str, ...] = ()

    @property
    def own_host(self) -> str:
        """The name, and the port if it is not the usual one, that people type."""
        return self.base_url.split("//", 1)[1]

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset(origin.split("//", 1)[1] for origin in self.origins)


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRules:
    """How long a staff session lives without a request, and at all."""

    idle: timedelta
    absolute: timedelta
