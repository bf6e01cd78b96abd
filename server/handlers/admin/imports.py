"""Patients and bookings from a CSV file: first everything that would happen, then exactly that or nothing.

The file waits in the page between the two, so that nobody's names lie on the server for a look.
"""

import base64
import binascii

from aiohttp import web

from scheduling.bookings import NotLicensed, NotOfAge, OutsideHours, PatientBusy, SlotTaken
from scheduling.visit_types import NotTheirKind, TooFarAhead, TooLate
from server.handlers.admin import import_rows
from server.handlers.admin.import_rows import BOOKINGS, PATIENTS, Clinic
from server.services import imports, practice
from server.services.imports import NEW, Outcome
from server.store.database import ConstraintBroken, Tx
from server.web import csv_files, keys, live, pages
from server.web.csv_files import Sheet, Unreadable
from server.web.forms import Form, read_form
from server.web.free_times import day_of
from server.web.session import staff
from server.web.words import N_

WHY_NOT: dict[type[Exception], str] = {
    imports.NoPatientFits: N_(
        "No patient fits all of this. Import the patients first, or check the spelling."
    ),
    imports.SeveralPatientsFit: N_("More than one patient fits. Add name and date of birth."),
    imports.InThePast: N_("This time has passed. Past visits are not imported."),
    SlotTaken: N_("The psychiatrist has something else at that time, here or in this file."),
    PatientBusy: N_("The patient has another visit at that time, here or in this file."),
    OutsideHours: N_("That is outside the psychiatrist's hours."),
    TooLate: N_("That is sooner than this kind of visit is booked."),
    TooFarAhead: N_("This kind of visit is not booked that far ahead yet."),
    NotTheirKind: N_("The psychiatrist does not hold visits of this kind."),
    NotLicensed: N_("The psychiatrist has no licence for the patient's state on that day."),
    NotOfAge: N_("The patient is not 18 yet on that day, where they live."),
}
NOT_POSSIBLE = N_("That cannot be booked.")
NO_FILE = N_("Choose a file first.")
CHANGED = N_(
    "Something changed since you looked at this file, so nothing was imported. This is how it stands now."
)
CUT = N_("The file did not come back whole. Nothing was imported; please choose it again.")
EXAMPLES = {
    PATIENTS: (
        "Alex Example",
        "1990-04-17",
        "alex@example.org",
        "(303) 555-0142",
        "America/Denver",
        "en",
        "CO",
    ),
    BOOKINGS: (
        *("alex@example.org", "", "", "", "Dr. Robin Example", "check-in"),
        *("2027-01-15", "14:30", "America/Denver", "video"),
    ),
}


class _OnlyLooking(Exception):
    """Leaves the transaction undone."""


async def show(request: web.Request) -> web.Response:
    done = request.query.get("done", "")
    count = int(done) if done.isascii() and done.isdigit() and len(done) < len("1000") else None
    return _page(request, done=count, before=done == "before")


async def patients_template(_request: web.Request) -> web.Response:
    return csv_files.response(PATIENTS, [EXAMPLES[PATIENTS]], name="patients.csv")


async def bookings_template(_request: web.Request) -> web.Response:
    return csv_files.response(BOOKINGS, [EXAMPLES[BOOKINGS]], name="bookings.csv")


async def look(request: web.Request) -> web.Response:
    """The dry run of the chosen file, or of rows that were pasted."""
    form = await read_form(request)
    pasted = form.typed.get("text", "")
    if not form.typed.get("file") and not pasted.strip():
        return _page(request, problem=NO_FILE, status=422)
    try:
        return await _shown(request, csv_files.read(_file_in(form) or pasted.encode()))
    except binascii.Error:
        return _page(request, problem=CUT, status=422)
    except Unreadable as problem:
        return _page(request, problem=problem.sentence, names=problem.names, pasted=pasted, status=422)


async def carry_out(request: web.Request) -> web.Response:
    """What was looked at. Pressed twice, it is done once."""
    form = await read_form(request)
    tell = form.text("tell") == "yes"
    try:
        sheet = csv_files.read(_file_in(form))
        async with request.app[keys.DATABASE].write() as tx:
            outcomes = await imports.import_seen(
                tx,
                sheet.text,
                import_rows.rows_of(sheet, await _clinic(request, tx)),
                seen=form.text("seen"),
                tell=tell,
                by=staff(request).account_id,
                now=request.app[keys.CLOCK].now(),
            )
    except (binascii.Error, Unreadable):
        return _page(request, problem=CUT, status=422)
    except imports.ImportedBefore:
        raise web.HTTPSeeOther("/admin/imports?done=before") from None
    except (imports.LookAgain, ConstraintBroken):
        return await _shown(request, sheet, problem=CHANGED, tell=tell, status=409)
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther(f"/admin/imports?done={_new(outcomes)}")


async def _shown(
    request: web.Request, sheet: Sheet, *, problem: str = "", tell: bool = False, status: int = 200
) -> web.Response:
    """Raises Unreadable."""
    outcomes: list[Outcome] = []
    try:
        async with request.app[keys.DATABASE].write() as tx:
            outcomes = await imports.carry_out(
                tx,
                import_rows.rows_of(sheet, await _clinic(request, tx)),
                tell=False,
                by=staff(request).account_id,
                now=request.app[keys.CLOCK].now(),
            )
            people = {each.id: each.name for each in await practice.practitioners(tx)}
            kinds = {each.code: each for each in await practice.visit_types(tx)}
            raise _OnlyLooking
    except _OnlyLooking:
        pass
    return _page(
        request,
        problem=problem,
        status=status,
        sheet=sheet,
        what=import_rows.kind_of(sheet),
        outcomes=outcomes,
        new=_new(outcomes),
        people=people,
        kinds=kinds,
        why_not=WHY_NOT,
        not_possible=NOT_POSSIBLE,
        seen=imports.fingerprint(sheet.text, outcomes),
        file=base64.b64encode(sheet.text.encode()).decode(),
        tell=tell,
    )


async def _clinic(request: web.Request, tx: Tx) -> Clinic:
    return Clinic(
        people=await practice.practitioners(tx),
        kinds=await practice.visit_types(tx),
        today=day_of(request.app[keys.CLOCK].now(), request.app[keys.CLINIC].time_zone),
        sends_sms=request.app[keys.SITE].sends_sms,
    )


def _file_in(form: Form) -> bytes:
    """Raises binascii.Error."""
    return base64.b64decode(form.typed.get("file", ""), validate=True)


def _new(outcomes: list[Outcome]) -> int:
    return sum(each.state == NEW for each in outcomes)


def _page(request: web.Request, *, status: int = 200, **context: object) -> web.Response:
    nothing: dict[str, object] = {
        "problem": "",
        "names": {},
        "sheet": None,
        "done": None,
        "before": False,
        "pasted": "",
    }
    return pages.render(request, "admin/imports", status=status, **(nothing | context))
