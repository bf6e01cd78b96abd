"""A patient's remembered device, as if link, date of birth and code had been right."""

from datetime import datetime, timedelta

from server.services import home as services
from server.store import home, sessions
from server.store.database import Database
from tests.conftest import Visitor


async def let_in(
    visitor: Visitor,
    database: Database,
    patient_id: str,
    *,
    now: datetime,
    proven: bool = True,
    remembered: bool = True,
) -> Visitor:
    """`proven`: the date of birth was right; `remembered`: the code too."""
    cookie = sessions.new_cookie()
    async with database.write() as tx:
        token = await services.link_token(tx, patient_id, now=now)
        await services.enter(
            tx, token=token, cookie=cookie, visitor_cookie="", user_agent="Firefox on Linux", now=now
        )
        row = await home.device(tx, cookie, now=now)
        assert row is not None
        if proven:
            await home.mark_device(tx, row.id, born_at=now)
        if remembered:
            await home.mark_device(tx, row.id, remembered_at=now, ends_at=now + timedelta(days=90))
    visitor.client.session.cookie_jar.update_cookies({"hid": cookie}, visitor.client.make_url("/"))
    return visitor
