"""What only a demo on loopback has: sign-in links valid while it runs, and the mail it caught."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class DemoDoors:
    """`links` maps a random token to the account it signs in and the page to open."""

    mail_folder: Path
    links: dict[str, tuple[str, str]] = field(default_factory=dict)

    def link_for(self, account_id: str, opens: str) -> str:
        """The path of a fresh sign-in link."""
        token = secrets.token_urlsafe(24)
        self.links[token] = (account_id, opens)
        return f"/sign-in/demo/{token}"
