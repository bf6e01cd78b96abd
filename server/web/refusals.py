"""Refusal → status and the sentence a person reads, with what to do next. One table, so the words can be reviewed.

Anything not listed here is a bug and looks like one: logged with its traceback, shown as "our mistake".
"""

from dataclasses import dataclass

from scheduling import bookings
from scheduling.refusals import SchedulingRefusal
from server.care import (
    asking,
    consult_note,
    delays,
    encounter,
    journal,
    measures,
    plan,
    safety,
    self_booking,
    transfers,
)
from server.services import (
    accounts,
    appointments,
    guests,
    home,
    journals,
    licences,
    no_shows,
    password_links,
    patients,
    plans,
    practice,
    practice_time,
    second_factor,
    self_bookings,
    tasks,
    waiting,
)
from server.services import measures as measure_forms
from server.services import safety as holds
from server.store.reaching import RecordsOutOfReach
from server.store.values import ValueUnfit
from server.web.csrf import ForeignRequest, FormExpired
from server.web.words import N_


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    sentence: str
    # A stable word for scripts and tests.
    code: str
    # Seconds after which it is worth asking again; nobody knows if None.
    retry_after: int | None = None


class NotYours(Exception):
    """The thing exists or not; either way it is not this caller's to see."""


class SignInNeeded(Exception):
    """Nobody is signed in and the page is for staff."""


class LinkNeeded(Exception):
    """The page belongs to a visit and this browser has not come through its link."""


class HomeLinkNeeded(Exception):
    """The page is one of a patient's own, and this device is not remembered as theirs."""


class RoleMissing(Exception):
    """Signed in, but the page is for another role."""


NO_SUCH_PAGE = Refusal(404, N_("There is no such page. Nothing was changed."), "not-found")
NOT_DONE = Refusal(400, N_("We could not read that. Nothing was changed. Please try again."), "bad-request")

REFUSALS: dict[type[Exception], Refusal] = {
    SignInNeeded: Refusal(401, N_("You are signed out. Nothing was done yet."), "sign-in-needed"),
    RoleMissing: Refusal(
        403, N_("This page is for another role. Ask your administrator if you need it."), "role-missing"
    ),
    LinkNeeded: Refusal(
        403,
        N_("Please open this page with the link we sent you. If you cannot find it, call us."),
        "link-needed",
    ),
    HomeLinkNeeded: Refusal(
        403,
        N_(
            "This phone or computer is not known here. Open your own pages with the link we sent you, or call us."
        ),
        "home-link-needed",
    ),
    NotYours: NO_SUCH_PAGE,
    RecordsOutOfReach: Refusal(
        503,
        N_(
            "The clinic's records cannot be reached just now. What was saved before is safe. "
            "Please try again in a minute."
        ),
        "records-out-of-reach",
        retry_after=10,
    ),
    ValueUnfit: NOT_DONE,
    ForeignRequest: Refusal(
        403, N_("This was sent from another site, so we did not do it."), "foreign-request"
    ),
    FormExpired: Refusal(
        403,
        N_("This page was open too long or in another session, so nothing was done yet."),
        "form-expired",
    ),
    password_links.PasswordLinkSpent: Refusal(
        410,
        N_("This link was used already or is too old. Ask your administrator for a new one."),
        "password-link-spent",
    ),
    second_factor.SignInAgain: Refusal(
        401,
        N_("Signing in took too long, or was begun again. Please start from the beginning."),
        "sign-in-again",
    ),
    second_factor.NotForOneself: Refusal(
        409,
        N_(
            "Another administrator has to do this for you, or somebody at the server itself. Under your name you can "
            "move to another phone. Nothing was changed."
        ),
        "not-for-oneself",
    ),
    accounts.LastAdministrator: Refusal(
        409,
        N_("This is the last administrator. Give another account that role first. Nothing was changed."),
        "last-administrator",
    ),
    accounts.NoSuchAccount: NO_SUCH_PAGE,
    bookings.SlotTaken: Refusal(409, N_("That time was just taken. Choose another one below."), "slot-taken"),
    SchedulingRefusal: Refusal(409, N_("That booking cannot be changed this way any more."), "not-now"),
    consult_note.NoteAlreadySigned: Refusal(
        409, N_("This note is signed and stays as it is. Add an addendum instead."), "note-signed"
    ),
    consult_note.NoteNotSigned: Refusal(409, N_("Sign the note first, then add to it."), "note-not-signed"),
    consult_note.NotTheAuthor: Refusal(
        403, N_("Only the clinician who wrote this note can change it."), "not-the-author"
    ),
    consult_note.StaleNote: Refusal(409, N_("This note was changed in another window."), "note-stale"),
    encounter.TooLateToReopen: Refusal(
        409,
        N_(
            "This visit stays finished: it can be reopened for ten minutes only. “Call now” on the chart starts one."
        ),
        "too-late-to-reopen",
    ),
    transfers.NotToHandOver: Refusal(
        409,
        N_(
            "The patient is not there yet. Only a visit whose patient waits or is in the call is handed over."
        ),
        "not-to-hand-over",
    ),
    delays.NotToBeDelayed: Refusal(
        409,
        N_("This visit has begun or is over, so nobody was told. Nothing was changed."),
        "not-to-be-delayed",
    ),
    delays.NothingSaid: Refusal(
        422, N_("Choose how many minutes, or write a sentence. Nobody was told yet."), "nothing-said"
    ),
    asking.NothingAsked: Refusal(
        409,
        N_("No question is open here any more: somebody answered it or passed it on. Nothing was changed."),
        "nothing-asked",
    ),
    self_booking.RequestOver: Refusal(
        409,
        N_("This request was answered or taken back meanwhile. Nothing was changed."),
        "request-over",
    ),
    encounter.EncounterOver: Refusal(409, N_("This visit is over."), "visit-over"),
    encounter.IsHere: Refusal(409, N_("The patient is here. Nothing was changed."), "is-here"),
    no_shows.OutcomeMissing: Refusal(
        422, N_("Say what was done about it. Nothing was changed."), "outcome-missing"
    ),
    waiting.NoSuchContact: NO_SUCH_PAGE,
    tasks.NotOfThisRole: NO_SUCH_PAGE,
    bookings.NotPossibleNow: Refusal(
        409, N_("This visit has begun or is over, so it stays as it is. Nothing was changed."), "not-now"
    ),
    safety.AlreadyLifted: Refusal(
        409, N_("This hold was lifted already. Nothing was changed."), "already-lifted"
    ),
    safety.ReasonMissing: Refusal(422, N_("Write the reason first. Nothing was changed."), "reason-missing"),
    safety.NotForThisRole: Refusal(
        403, N_("Only a clinician lifts a hold. Nothing was changed."), "not-for-this-role"
    ),
    plan.DatesUnfit: Refusal(
        422,
        N_("A course has four sessions, each on a later day than the one before, from today on."),
        "dates-unfit",
    ),
    plan.DatesTooClose: Refusal(
        422, N_("Two of these sessions are closer together than the clinic's protocol allows."), "too-close"
    ),
    plan.SessionJustDone: Refusal(
        409,
        N_(
            "A session was marked as done today already. If you have taken another tablet, please call us now."
        ),
        "session-just-done",
    ),
    plan.EndReasonMissing: Refusal(422, N_("Write the reason first. Nothing was changed."), "reason-missing"),
    plan.CourseOver: Refusal(409, N_("This course is over. Nothing was changed."), "course-over"),
    plan.PlanAlreadyThere: Refusal(409, N_("This patient has a course already."), "plan-there"),
    plan.SessionAlreadyDone: Refusal(409, N_("A session that was held keeps its day."), "session-done"),
    plan.SessionNotYet: Refusal(
        409,
        N_("This session is not due yet. If you have taken a tablet, please call us now."),
        "session-not-yet",
    ),
    plans.NoPlan: Refusal(409, N_("There is no course at the moment. Nothing was changed."), "no-plan"),
    journal.AlreadyShared: Refusal(
        409, N_("This was shared and stays as it is. You can write a new version."), "already-shared"
    ),
    journal.NotSharedYet: Refusal(
        409, N_("You can still change what you wrote; it needs no new version."), "not-shared-yet"
    ),
    journal.NothingToShare: Refusal(
        422, N_("There is nothing written yet. Write something first, then share it."), "nothing-to-share"
    ),
    journal.EntryChanged: Refusal(
        409, N_("This entry was changed in another window. Reload the page to see it."), "entry-changed"
    ),
    journal.EntryTooLong: Refusal(
        422, N_("This is too long for one entry. Please begin another one."), "entry-too-long"
    ),
    measures.AlreadyCompleted: Refusal(
        409, N_("These answers were sent already and stay as they are."), "already-completed"
    ),
    measures.Unanswered: Refusal(
        422, N_("Some questions have no answer yet. They are marked below."), "unanswered"
    ),
    measures.NoSuchAnswer: Refusal(422, N_("That is not one of the answers."), "no-such-answer"),
    **dict.fromkeys(
        (
            appointments.NoSuchVisit,
            guests.NoSuchInvitation,
            patients.NoSuchPatient,
            practice.NoSuchChoice,
            practice_time.NoSuchAbsence,
            licences.NoSuchLicence,
            tasks.NoSuchTask,
            home.NoSuchDevice,
            journals.NoSuchEntry,
            measure_forms.NoSuchMeasure,
            holds.NoSuchHold,
            self_bookings.NoSuchRequest,
        ),
        NO_SUCH_PAGE,
    ),
}


def refusal_for(problem: BaseException) -> Refusal | None:
    """The entry of the nearest class in the table, or None for a bug."""
    for kind in type(problem).__mro__:
        if kind in REFUSALS:
            return REFUSALS[kind]
    return None
