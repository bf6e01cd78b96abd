"""The audit trail: who saw and did what. Patients by their id only, and nothing of what was written."""

from aiohttp import web

from server.services import trail
from server.web import keys, pages
from server.web.words import N_

# What every entry is called. An action that is missing here is shown by its code, and fails a test.
ACTIONS = {
    "account-added": N_("added an account"),
    "account-changed": N_("changed an account"),
    "account-disabled": N_("disabled an account"),
    "account-enabled": N_("enabled an account"),
    "admitted": N_("let the patient in"),
    "amended": N_("added to a signed note"),
    "arrived": N_("came to the waiting room"),
    "booked": N_("booked a visit"),
    "by-phone": N_("asked to be called instead"),
    "by-video": N_("came back from the telephone to video"),
    "call-started": N_("called a patient at once"),
    "cancelled": N_("cancelled a visit"),
    "checked-in": N_("checked the patient in"),
    "closure-added": N_("closed the clinic for some days"),
    "closure-removed": N_("took a closure of the clinic back"),
    "corrected": N_("corrected a patient's details"),
    "course-completed": N_("completed a course"),
    "course-ended": N_("ended a course"),
    "course-moved": N_("moved the days of a course"),
    "course-planned": N_("planned a course"),
    "course-read": N_("looked at the days of a course"),
    "day-changed": N_("changed a clinician's hours on one day"),
    "details-read": N_("read a patient's details"),
    "device-test": N_("tested camera and microphone"),
    "entry-answered": N_("answered the questions before the visit"),
    "facts-confirmed": N_("confirmed the facts of the call"),
    "feed-changed": N_("changed the address of a clinician's own calendar"),
    "finished": N_("finished a visit"),
    "hold-explained": N_("added words to a hold"),
    "hold-lifted": N_("lifted a hold"),
    "hold-read": N_("read a hold"),
    "hold-opened": N_("put a course on hold"),
    "hold-pressed-again": N_("pressed again while a course was on hold"),
    "home-closed": N_("closed a patient's devices and made a new link"),
    "home-code-refused": N_("typed a wrong code for their own pages"),
    "home-code-sent": N_("had a code sent for their own pages"),
    "home-device-forgotten": N_("had a device forgotten"),
    "home-device-remembered": N_("opened their own pages on a new device"),
    "home-identity-proven": N_("gave the date of birth for their own pages"),
    "home-identity-refused": N_("gave a wrong date of birth for their own pages"),
    "home-link-sent": N_("sent the link to a patient's own pages"),
    "hours-changed": N_("changed a clinician's weekly hours"),
    "identity-proven": N_("gave the date of birth"),
    "identity-refused": N_("gave a wrong date of birth"),
    "journal-begun": N_("began a journal entry"),
    "journal-revised": N_("began a new version of a journal entry"),
    "journal-saved": N_("wrote in a journal entry"),
    "journal-shared": N_("shared a journal entry"),
    "languages-changed": N_("changed a clinician's languages"),
    "leave-added": N_("entered a clinician's leave"),
    "leave-removed": N_("took a clinician's leave back"),
    "licence-added": N_("entered a clinician's licence"),
    "licence-removed": N_("removed a clinician's licence"),
    "link-resent": N_("sent the link again"),
    "list-read": N_("read why a patient is on the clinicians' list"),
    "measure-answered": N_("ticked answers of a measure"),
    "measure-completed": N_("answered a measure"),
    "message-written": N_("wrote a message"),
    "messages-read": N_("read a visit's messages"),
    "password-link-made": N_("made a link to choose a password"),
    "password-set": N_("set a password"),
    "read": N_("read a note"),
    "recovery-code-used": N_("used a recovery code"),
    "recovery-codes-made": N_("made new recovery codes"),
    "registered": N_("added a patient"),
    "reopened": N_("opened a finished visit again"),
    "rescheduled": N_("moved a visit"),
    "restored": N_("restored a backup"),
    "said-safe": N_("answered a question on their own pages"),
    "saved": N_("saved a note"),
    "second-factor-reset": N_("reset a second factor"),
    "second-factor-set-up": N_("set up a phone for signing in"),
    "session-done": N_("said that a session is done"),
    "signed": N_("signed a note"),
    "signed-in": N_("signed in"),
    "signed-out": N_("signed out"),
    "signed-out-everywhere": N_("signed out everywhere"),
    "started": N_("began a note"),
    "task-acknowledged": N_("took over a task"),
    "task-settled": N_("found a task no longer needed"),
    "task-escalated": N_("handed a task that nobody took in time to every clinician"),
    "task-opened": N_("asked the clinic for something"),
    "task-withdrawn": N_("took a task off the list, because its reason was gone"),
    "timeline-read": N_("read a patient's chart"),
    "went-away": N_("left the waiting room"),
    "words-differ": N_("found that the safety words of a call differed"),
    "words-forged": N_("had a call stopped because its safety check failed"),
    "guest-invited": N_("invited somebody into a visit"),
    "guest-withdrawn": N_("took an invitation to a visit back"),
    "guest-introduced": N_("came through an invitation and said who they are"),
    "guest-asked": N_("asked the patient whether somebody may join"),
    "guest-agreed": N_("agreed that somebody joins"),
    "guest-declined": N_("did not want somebody in the call"),
    "guest-admitted": N_("let an invited person into the call"),
    "handed-over": N_("handed a visit to another clinician"),
    "held": N_("put somebody in a call on hold"),
    "taken-back": N_("took somebody in a call back from hold"),
    "words-match": N_("compared the safety words of a call: they matched"),
}
# Those who act without an account.
OTHERS = {
    "patient": N_("A patient, by link"),
    "guest": N_("An invited person, by link"),
    "system": N_("The server itself"),
}


async def show(request: web.Request) -> web.Response:
    person = request.query.get("person", "")
    patient = request.query.get("patient", "").strip()
    before = request.query.get("before", "")
    whole = request.query.get("check") == "all"
    async with request.app[keys.DATABASE].read() as tx:
        page, more = await trail.entries(
            tx,
            actor=person,
            patient_id=patient,
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 12 else None,
        )
        people = await trail.people(tx)
        condition = await trail.condition(tx, whole=whole)
    return pages.render(
        request,
        "admin/audit",
        entries=page,
        more=more,
        people=dict(sorted(people.items(), key=lambda each: each[1].casefold())),
        others=OTHERS,
        actions=ACTIONS,
        person=person,
        patient=patient,
        paging=bool(before),
        condition=condition,
    )
