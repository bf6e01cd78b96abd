"""One round of the postman as a process of its own, which kills itself at a step; see tests/postmen.py.

python -m tests.long.postman DATABASE_URL SMTP_PORT GATEWAY NOW FOLDER [STEP]
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

import pytest

from server.app import create_app
from server.jobs.mail import send_due
from server.jobs.reminders import remind_everybody
from server.notify import MailSettings, Notifier, SmsSettings
from server.store.database import Database
from tests.builders import house_config
from tests.clocks import StoppedClock
from tests.conftest import MASTER_KEY
from tests.postmen import dies


async def main(url: str, port: str, gateway: str, now: str, folder: str, step: str = "") -> None:
    if step:
        dies(pytest.MonkeyPatch(), step, lambda: os.kill(os.getpid(), signal.SIGKILL))
    database = await Database.open(url, MASTER_KEY)
    clock = StoppedClock(datetime.fromisoformat(now))
    config = house_config(port=8080, data=Path(folder))
    app = create_app(config, database=database, clock=clock, call=False)
    mail = MailSettings(
        host="127.0.0.1",
        port=int(port),
        security="none",
        sender_name="H",
        sender_address="h@harbor.example",
    )
    await remind_everybody(app)
    while await send_due(app, Notifier(mail, (SmsSettings(url=gateway, token="secret"),))):
        pass
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
