"""The field for a code, and the page a phone is set up with: the same rules and sentences wherever one is asked for."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import segno
from aiohttp import web

from server.services import accounts, second_factor, totp
from server.services.second_factor import CodeRefused
from server.services.tries import TooManyTries
from server.store.database import Tx
from server.web import keys, pages
from server.web.forms import Form
from server.web.session import client_address
from server.web.words import N_

Result = TypeVar("Result")

NO_CODE = N_("Type the six digits your app shows now, or one of your recovery codes.")
NOT_THE_CODE = N_(
    "This code does not fit, or was used already. Wait for the next one in your app and type that."
)
TOO_MANY = N_("There were too many tries. Wait a little, then try again, or ask your administrator.")
LONGEST_CODE = 100


@dataclass(frozen=True, slots=True)
class Tried(Generic[Result]):
    """`result` of what the code was for, or None with the sentence in the form and how to answer."""

    result: Result | None
    status: int = 422
    headers: dict[str, str] = field(default_factory=dict)


async def tried(
    request: web.Request, form: Form, *, account_id: str, work: Callable[[Tx, str], Awaitable[Result]]
) -> Tried[Result]:
    """`work` with what was typed as `code`, in a transaction of its own."""
    typed = form.text("code", required=NO_CODE, longest=LONGEST_CODE)
    if not form.ok:
        return Tried(None)
    now = request.app[keys.CLOCK].now()
    counting = second_factor.counted(
        request.app[keys.TRIES], account_id=account_id, client=client_address(request), now=now
    )
    try:
        with counting:
            async with request.app[keys.DATABASE].write() as tx:
                return Tried(await work(tx, typed), 200)
    except CodeRefused:
        form.problems["code"] = NOT_THE_CODE
        return Tried(None, 403)
    except TooManyTries as refused:
        form.problems["code"] = TOO_MANY
        return Tried(None, 429, {"Retry-After": str(math.ceil(refused.wait.total_seconds()))})


async def set_up_page(
    request: web.Request,
    form: Form,
    *,
    account_id: str,
    secret: str,
    moving: bool,
    answered: Tried[Result] | None = None,
) -> web.Response:
    """The key as a picture and as text. `moving` is somebody signed in who changes their phone."""
    async with request.app[keys.DATABASE].read() as tx:
        account = await accounts.get(tx, account_id)
    address = totp.app_address(secret, person=account.email, clinic=request.app[keys.CLINIC].name)
    response = pages.render(
        request,
        "set_up",
        status=answered.status if answered else 200,
        # A code is typed anew: the one before is worth nothing.
        form=Form({}, form.problems),
        account=account,
        key=totp.grouped(secret),
        address=address,
        picture=picture_of(address),
        moving=moving,
    )
    response.headers.update(answered.headers if answered else {})
    return response


def picture_of(text: str) -> str:
    """A QR code as the address of an image. Black on white in the dark too: not every camera reads it the other way."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
