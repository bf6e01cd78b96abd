"""The last verdict on the calls, for whoever shows it. In memory only: after a restart a new one comes soon."""

from dataclasses import dataclass

from server.care.call_health import CallHealth, CheckRules


@dataclass(slots=True)
class Watch:
    health: CallHealth
    rules: CheckRules
