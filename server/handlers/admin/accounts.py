"""Who works here: adding people, what they may do, and closing the door behind those who left."""

from aiohttp import web

from server.care.access import ADMINISTRATOR
from server.handlers.admin import account_form
from server.services import accounts, licences, password_links, practice, second_factor, tasks
from server.services.accounts import AddressTaken, LastAdministrator
from server.services.password_links import LIVES
from server.web import keys, live, pages, password_form
from server.web.forms import Form, read_form
from server.web.session import staff
from server.web.words import N_

TAKEN = N_("Another account has this address. Every person needs an own one.")
LAST = N_("This is the only administrator. Make somebody else one first.")


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        everybody = await accounts.everybody(tx)
        waiting = await tasks.for_board(
            tx, staff=staff(request), role=ADMINISTRATOR, now=request.app[keys.CLOCK].now()
        )
        subjects = [each.task.subject_id for each in waiting if each.task.subject_id]
        ending = {subject_id: await licences.said_of(tx, subject_id) for subject_id in subjects}
    return pages.render(
        request,
        "admin/accounts",
        accounts=everybody,
        roles=account_form.ROLE_NAMES,
        me=_me(request),
        tasks=waiting,
        ending=ending,
        calls=watch.health if (watch := request.app.get(keys.CALL_WATCH)) else None,
    )


async def new(request: web.Request) -> web.Response:
    return _form(request, account_form.blank(request.app[keys.CLINIC].time_zone))


async def add(request: web.Request) -> web.Response:
    """The new account's page, with the link its owner chooses a password with."""
    form = await read_form(request)
    meant = account_form.read(form)
    if meant is None:
        return _form(request, form, status=422)
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            account_id = await accounts.create(
                tx,
                name=meant.name,
                email=meant.email,
                roles=meant.roles,
                password_hash=None,
                now=now,
                by=_me(request),
            )
            await accounts.set_phone(tx, account_id=account_id, phone=meant.phone, by=_me(request), now=now)
            if (works := meant.practice) is not None:
                await accounts.add_practitioner(
                    tx, account_id=account_id, name=works.name, time_zone=works.time_zone, hours=works.hours
                )
                # Nobody can be booked without a kind of visit.
                await practice.add_default_visit_types(tx)
    except AddressTaken:
        form.problems["email"] = TAKEN
        return _form(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/admin/accounts/{account_id}")


async def detail(request: web.Request) -> web.Response:
    return await _page(request)


async def change(request: web.Request) -> web.Response:
    form = await read_form(request)
    meant = account_form.read(form)
    if meant is None:
        return await _page(request, form, status=422)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await accounts.change(
                tx,
                account_id=_asked(request),
                name=meant.name,
                email=meant.email,
                roles=meant.roles,
                practice=meant.practice,
                by=_me(request),
                now=request.app[keys.CLOCK].now(),
            )
            await accounts.set_phone(
                tx,
                account_id=_asked(request),
                phone=meant.phone,
                by=_me(request),
                now=request.app[keys.CLOCK].now(),
            )
            if meant.practice is not None:
                await practice.add_default_visit_types(tx)
    except AddressTaken:
        form.problems["email"] = TAKEN
        return await _page(request, form, status=409)
    except LastAdministrator:
        form.problems["roles"] = LAST
        return await _page(request, form, status=409)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther("/admin/accounts")


async def set_password(request: web.Request) -> web.Response:
    """For somebody who stands beside the administrator; everybody else is sent a link."""
    form = await read_form(request)
    password_hash = await password_form.read_new(form)
    if password_hash is None:
        return await _page(request, password=form, status=422)
    async with request.app[keys.DATABASE].write() as tx:
        await accounts.set_password(
            tx,
            account_id=_asked(request),
            password_hash=password_hash,
            by=_me(request),
            now=request.app[keys.CLOCK].now(),
        )
    raise web.HTTPSeeOther(f"/admin/accounts/{_asked(request)}")


async def make_link(request: web.Request) -> web.Response:
    """Shown on this answer only: the address itself is as good as the password."""
    async with request.app[keys.DATABASE].write() as tx:
        now = request.app[keys.CLOCK].now()
        token = await password_links.make(tx, account_id=_asked(request), by=_me(request), now=now)
    return await _page(request, link=f"{request.app[keys.SITE].base_url}/sign-in/password/{token}")


async def reset_second_factor(request: web.Request) -> web.Response:
    """For somebody whose phone is lost; they set up another when they sign in next."""
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await second_factor.reset(tx, account_id=_asked(request), by=_me(request), now=now)
    raise web.HTTPSeeOther(f"/admin/accounts/{_asked(request)}")


async def disable(request: web.Request) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await accounts.disable(tx, account_id=_asked(request), by=_me(request), now=now)
    raise web.HTTPSeeOther("/admin/accounts")


async def enable(request: web.Request) -> web.Response:
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        await accounts.enable(tx, account_id=_asked(request), by=_me(request), now=now)
    raise web.HTTPSeeOther(f"/admin/accounts/{_asked(request)}")


def _me(request: web.Request) -> str:
    return staff(request).account_id


def _asked(request: web.Request) -> str:
    return request.match_info["account_id"]


async def _page(
    request: web.Request,
    form: Form | None = None,
    *,
    password: Form | None = None,
    link: str = "",
    status: int = 200,
) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        account = await accounts.get(tx, _asked(request))
        factor = await second_factor.status(tx, account.id)
    shown = form or account_form.filled(account, request.app[keys.CLINIC].time_zone)
    # A password that was refused is typed again, never sent back.
    again = Form({}, password.problems if password else {})
    return _form(request, shown, account=account, factor=factor, password=again, link=link, status=status)


def _form(
    request: web.Request,
    form: Form,
    *,
    account: accounts.Account | None = None,
    factor: second_factor.Status | None = None,
    password: Form | None = None,
    link: str = "",
    status: int = 200,
) -> web.Response:
    return pages.render(
        request,
        "admin/account",
        status=status,
        form=form,
        account=account,
        factor=factor,
        password=password or Form({}),
        link=link,
        link_hours=int(LIVES.total_seconds() // 3600),
        roles=account_form.ROLE_NAMES,
        role_hints=account_form.ROLE_HINTS,
        weekdays=account_form.WEEKDAYS,
        zones=account_form.zones(request.app[keys.CLINIC].time_zone),
        me=_me(request),
    )
