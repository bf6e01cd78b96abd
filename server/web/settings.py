"""What pages need to know of the configuration, as values; config.py builds them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Brand:
    """The clinic's own look, made ready by branding.py; empty for what it leaves as it is."""

    colour: str = ""
    colour_dark: str = ""
    wash: str = ""
    wash_dark: str = ""
    # Names among the static files.
    style: str = ""
    logo: str = ""
    welcome: str = ""
    welcome_es: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClinicFacts:
    """Shown on every patient's page, errors included."""

    name: str
    phone: str
    emergency_number: str
    crisis_line: str
    time_zone: str
    languages: tuple[str, ...]
    brand: Brand = Brand()


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteFacts:
    """Addresses are without a trailing slash. `base_url` is where staff's links lead."""

    base_url: str
    # Where patients' links lead: the same, but for a demo whose staff stay on loopback.
    patients_url: str
    # Every origin a page of ours can have: one, or both names of loopback, and those of `own_tls`.
    origins: frozenset[str]
    # The origins that are served with a certificate of this machine's own; everything else comes in without one.
    own_tls: frozenset[str] = frozenset()
    # The address our mail comes from; calendar entries are named by its domain for good.
    mail_address: str = ""
    # Whether text messages can be sent.
    sends_sms: bool = False
    # The calling code of numbers that are written without one.
    sms_country_code: str = "1"
    # Where browsers reach the relay when this machine cannot tell by itself.
    media_addresses: tuple[str, ...] = ()
    # Whether times that became free are offered to the wait-list without anybody's press.
    offers_free_times: bool = False

    @property
    def mail_domain(self) -> str:
        return self.mail_address.rpartition("@")[2]

    @property
    def own_host(self) -> str:
        """The name, and the port if it is not the usual one, that people type."""
        return self.base_url.split("//", 1)[1]

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset(origin.split("//", 1)[1] for origin in self.origins)

    def serves(self, host: str, *, own_tls: bool) -> bool:
        """Whether `host` is ours on the side a request came in by: neither side answers to the other's names."""
        return host in self.hosts and own_tls == (f"https://{host}" in self.own_tls)

    def is_secure(self, host: str) -> bool:
        """Whether browsers reach `host` over HTTPS, whoever holds the certificate."""
        return f"https://{host}" in self.origins

    def beside(self, host: str) -> frozenset[str]:
        """The origins whose pages may act on `host`: those of its own side."""
        return self.own_tls if f"https://{host}" in self.own_tls else self.origins - self.own_tls


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRules:
    """How long a staff session lives without a request, and at all."""

    idle: timedelta
    absolute: timedelta
