"""What a restore tells the operator: what is there again, what was ended, and what is left for people to do."""

from server.commands.backup import counted
from server.commands.unpacking import Unpacked
from server.services.restored import Aftermath
from server.services.trail import Condition
from server.store.bundle import Manifest

CHECK = """\
Please check, because a backup knows nothing of what came after it:
- the list of visits: the links in the mails still work, also of a visit that was moved or cancelled since
- accounts: whoever was disabled since is not, and passwords and phones are the ones of then
- reminders that were due before this: they are not sent by themselves, each visit's page shows them with "Send again"
- courses: one that was put on hold since is not
- the paper and the people: whatever was written, booked or decided since has to be entered again"""


def report(target: str, manifest: Manifest, unpacked: Unpacked | None) -> str:
    """`unpacked` is None when an earlier run had come as far as the settings and this one only put them in place."""
    said = [f"Restored into {target} what was there at {manifest.made_at}: {counted(manifest)}."]
    if unpacked is not None:
        said += [_of_trail(unpacked.trail), *_of_aftermath(unpacked.aftermath)]
    return "\n".join((*said, CHECK))


def _of_trail(trail: Condition) -> str:
    if trail.broken_at is not None:
        return f"The audit trail does not follow from entry {trail.broken_at} on."
    return f"All {trail.total} entries of the audit trail follow from one another."


def _of_aftermath(after: Aftermath) -> tuple[str, ...]:
    return (
        f"Ended, so that nothing that was ended since is alive again: {after.staff_sessions} staff sessions, "
        f"{after.visitor_sessions} patients' sessions of a visit, {after.devices} remembered devices, every code, and "
        "every link to choose a password.",
        f"Links to patients' own pages are replaced: {after.links_sent} patients on a course are mailed theirs when "
        f"the server starts; {after.links_to_send} others get theirs from the desk.",
        f"Letters that waited then: {after.letters_kept} go out, perhaps a second time; {after.letters_withdrawn} "
        "would be too late and do not.",
        f"Visits to come: {after.visits_to_come}.",
    )
