"""Files for the browser, read once at start: a fixed list of names, so no path can lead anywhere else.

The version in the address is a hash of the whole folder; files are cached for ever and relative imports stay
inside the same version.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parents[2] / "static"
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Statics:
    version: str
    files: dict[str, tuple[bytes, str]]

    def address(self, name: str) -> str:
        return f"/static/{self.version}/{name}"

    def response(self, name: str) -> web.Response:
        """Raises HTTPNotFound for anything not in the list."""
        if name not in self.files:
            raise web.HTTPNotFound
        body, kind = self.files[name]
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=body, content_type=kind, charset=charset, headers={"Cache-Control": FOREVER})


def read_statics(folder: Path = FOLDER, *, more: Mapping[str, tuple[bytes, str]] | None = None) -> Statics:
    """The folder's files, and `more` that the clinic brought along."""
    files: dict[str, tuple[bytes, str]] = {}
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        body = path.read_bytes()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        files[name] = (body, kind)
        digest.update(name.encode() + b"\0" + body)
    for name, (body, kind) in (more or {}).items():
        files[name] = (body, kind)
        digest.update(name.encode() + b"\0" + body)
    return Statics(version=digest.hexdigest()[:12], files=files)
