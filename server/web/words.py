"""Every sentence a person reads, in their language.

Templates call `_()`; Python marks a sentence with `N_` and translates it where it is shown; scripts get
theirs from SCRIPT_WORDS through a JSON block, so that no sentence lives in a script.
"""

import json
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from server.care.words import N_

__all__ = ["LANGUAGES", "N_", "SCRIPT_WORDS", "Words", "words_in"]

LOCALE = Path(__file__).parents[2] / "templates" / "locale"
LANGUAGES = ("en", "es")
# As their speakers call them.
NAMES_OF_LANGUAGES = {"en": "English", "es": "Español"}


class Words:
    """One language's catalogue; a sentence it does not have is shown in English."""

    def __init__(self, language: str, sentences: dict[str, str], plurals: dict[str, tuple[str, ...]]) -> None:
        self.language = language
        self._sentences = sentences
        self._plurals = plurals

    def gettext(self, sentence: str) -> str:
        return self._sentences.get(sentence) or sentence

    def ngettext(self, one: str, many: str, n: int) -> str:
        forms = self._plurals.get(one) or (one, many)
        return forms[0] if n == 1 else forms[-1]

    def for_scripts(self) -> str:
        """The scripts' sentences as JSON, safe inside a script element."""
        table = {key: self.gettext(sentence) for key, sentence in SCRIPT_WORDS.items()}
        return json.dumps(table, ensure_ascii=False).replace("</", "<\\/")


@cache
def words_in(language: str) -> Words:
    """The catalogue of `language`, English when there is none."""
    path = LOCALE / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Words("en", {}, {})
    with path.open("rb") as file:
        catalogue = read_po(file)
    singles: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if isinstance(message.id, str) and isinstance(message.string, str) and message.id and message.string:
            singles[message.id] = message.string
        elif isinstance(message.id, tuple) and isinstance(message.string, tuple) and all(message.string):
            plurals[message.id[0]] = message.string
    return Words(language, singles, plurals)


# Scripts' sentences by key; braces are filled in by static/lib/words.js. Each area keeps its own block.
SCRIPT_WORDS: dict[str, str] = {
    # pages that follow the server
    "alert.waiting": N_("A patient is waiting"),
    "alert.message": N_("A patient wrote a message"),
    "alert.task": N_("Something needs you"),
    "alert.body": N_("Open this page to see who it is."),
    "alert.sound-on": N_("Sound is on"),
    "alert.turn-on": N_("Turn on sound"),
    "alert.silent": N_("Your browser keeps this page silent until you press it."),
    "alert.off": N_("Sound is off on this device."),
    "news.stale": N_(
        "The last news came at {time}. The server does not answer right now; this page keeps trying."
    ),
    # asking the clinic
    "ask.not-sent": N_(
        "There is no connection, so it was not sent. What you wrote is kept on this device; try again in a moment."
    ),
    # the call
    "call.mute": N_("Mute"),
    "call.unmute": N_("Unmute"),
    "call.stop-video": N_("Stop video"),
    "call.start-video": N_("Start video"),
    "call.muted": N_("You are muted."),
    "call.unmuted": N_("You can be heard."),
    "call.hidden": N_("Your video is off."),
    "call.shown": N_("You can be seen."),
    "call.bell": N_("You should hear two soft tones now."),
    "call.other-good": N_("good connection"),
    "call.other-weak": N_("their connection is weak"),
    "call.other-lost": N_("connection lost"),
    "call.other-muted": N_("muted"),
    "call.other-no-microphone": N_("no microphone, they can write"),
    "call.other-no-camera": N_("{name} has no camera."),
    "call.other-camera-stopped": N_("{name}'s camera has stopped. You can talk."),
    "call.other-stopped": N_("{name}'s camera and microphone have stopped. They can hear you."),
    "call.other-away-for-a-moment": N_("{name} was interrupted for a moment, for example by a phone call."),
    "call.other-camera-stopped-state": N_("their camera has stopped"),
    "call.other-microphone-stopped-state": N_("their microphone has stopped, they can write"),
    "call.other-stopped-state": N_("their camera and microphone have stopped, they can write"),
    "call.no-microphone": N_("No microphone"),
    "call.no-camera": N_("No camera"),
    "call.other-interrupted": N_("their phone was interrupted"),
    "call.reconnecting": N_("Reconnecting… {seconds} s"),
    "call.own-weak": N_("Your connection is weak. Moving closer to your Wi-Fi may help."),
    "call.audio-first": N_(
        "Your connection is weak, so only your voice is sent for now. Your picture comes back by itself."
    ),
    "call.other-audio-first": N_("weak connection, only their voice for now"),
    "call.reconnecting-now": N_("The connection is away. We are reconnecting by ourselves."),
    "call.other-reconnecting": N_("{name}'s connection is interrupted; trying again… {seconds} s"),
    "call.other-reconnecting-now": N_("{name}'s connection is interrupted. It is being tried again."),
    "call.line-reconnecting": N_("The connection between you is interrupted; trying again… {seconds} s"),
    "call.line-reconnecting-now": N_("The connection between you is interrupted. It is being tried again."),
    "call.reconnected": N_("The connection is back."),
    "call.share": N_("Share my screen"),
    "call.stop-sharing": N_("Stop sharing my screen"),
    "call.sharing": N_("You are sharing your screen instead of your picture."),
    "call.not-sharing": N_("Your screen is not shared any more."),
    "call.other-screen": N_("sharing their screen"),
    "call.other-shares": N_("{name} is sharing their screen."),
    "call.other-shares-not": N_("{name} has stopped sharing their screen."),
    "call.held": N_("on hold"),
    "call.tile-weak": N_("weak"),
    "call.held-by-you": N_("{name} is on hold: they neither see nor hear anybody."),
    "call.no-picture": N_("{name} has no picture right now."),
    "call.hold": N_("Hold"),
    "call.take-back": N_("Take back"),
    "role.patient": N_("patient"),
    "role.clinician": N_("psychiatrist"),
    "role.interpreter": N_("interpreter"),
    "role.sitter": N_("sitter"),
    "role.family": N_("family"),
    "role.colleague": N_("colleague"),
    "call.handed-over": N_("{name} has the visit now. You stay in the call until they join."),
    "call.handed-over-elsewhere": N_(
        "Another clinician has the visit now. You stay in the call until they join."
    ),
    "words.with": N_("With {name}: {words}"),
    "words.matched-with": N_("With {name}: {words} – the same on both screens"),
    "words.match": N_("They match"),
    "words.match-with": N_("They match: {name}"),
    "pressed.late": N_("The connection is away. What you pressed is done as soon as it is back."),
    "pressed.failed": N_(
        "The connection was away too long, and what you pressed was not done. Press it again."
    ),
    "guest.question": N_("{clinician} would like {name}, {role}, to join. Is that all right?"),
    "guest.leave": N_("Have {name} leave"),
    "guest.left": N_("{name} is out of the call."),
    "guest.waits": N_("waiting"),
    "guest.asked": N_("waiting, the patient is being asked"),
    "guest.yes": N_("waiting, the patient agreed"),
    "guest.no": N_("waiting, the patient said: not now"),
    "guest.in-call": N_("in the call"),
    "guest.on-hold": N_("on hold"),
    "guest.lost": N_("connection lost"),
    "guest.arrived": N_("{name} is in the waiting room."),
    "call.hide-self": N_("Hide my picture"),
    "call.show-self": N_("Show my picture"),
    "call.new-message": N_("New message"),
    "call.begun": N_("You have been let in. You are talking with {name} now."),
    "call.title": N_("In your visit"),
    "call.stopped": N_("Call stopped"),
    "words.checking": N_("Not checked yet."),
    "words.matched": N_("You compared them: they match."),
    "words.unchecked": N_("Could not be checked."),
    "words.not-kept": N_("This could not be kept just now. Try again in a moment."),
    # camera and microphone
    "devices.asking": N_(
        "Your browser is asking whether we may use the camera and microphone. Please choose “Allow”."
    ),
    "devices.blocked": N_(
        "Your browser does not let us use the camera or microphone. You can allow both, or go on without them."
    ),
    "devices.blocked-by-system": N_(
        "Your phone or computer does not let this browser use the camera or microphone. You can allow both, or go on "
        "without them."
    ),
    "devices.dismissed": N_(
        "The question about the camera and microphone was closed. Press “{button}” and choose “Allow”. You can "
        "also go on without them."
    ),
    "devices.in-app": N_(
        "You are inside another app, and its window does not let us use the camera. Open your visit in Safari or "
        "Chrome."
    ),
    "devices.none": N_(
        "We found no camera or microphone. You can go on without: you will see and hear, and can write."
    ),
    "devices.no-camera": N_("We found no camera. That is fine: you will be heard, and you will see us."),
    "devices.no-microphone": N_("We found no microphone. You can write to us, or ask us to call your phone."),
    "devices.in-use": N_(
        "Another app is using the camera or microphone. Close it, then try again. You can also go on without them."
    ),
    "devices.insecure": N_(
        "This browser or app cannot use a camera here. Open the link in Safari or Chrome."
    ),
    "devices.unknown": N_("The camera or microphone did not start. Try again, or go on without them."),
    "devices.camera-stopped": N_(
        "Your camera has stopped. You can go on talking. If it was unplugged, plug it in again."
    ),
    "devices.microphone-stopped": N_(
        "Your microphone has stopped, so nobody hears you. If it was unplugged, plug it in again. You can also write, "
        "or ask us to call your phone."
    ),
    "devices.stopped": N_(
        "Your camera and microphone have stopped. If they were unplugged, plug them in again. You can also write, or "
        "ask us to call your phone."
    ),
    "devices.switched": N_("Now in use: {name}"),
    "devices.not-chosen": N_(
        "{name} could not be used just now. Another app may be using it. You go on with the one you had."
    ),
    "devices.still": N_("That did not work yet."),
    # … and where to allow them: three steps and what the drawing shows
    "steps.ios-safari.1": N_("Press the sign at the left end of the address."),
    "steps.ios-safari.2": N_("Choose “Website Settings”."),
    "steps.ios-safari.3": N_("Set camera and microphone to “Allow”, then press “{button}”."),
    "drawing.ios-safari": N_(
        "Drawing: Safari's address bar, its left end marked; then camera and microphone on."
    ),
    "steps.phone-settings.1": N_("Open the settings of your phone."),
    "steps.phone-settings.2": N_(
        "Find your browser there, for example Chrome. On some phones it is under “Apps”."
    ),
    "steps.phone-settings.3": N_("Turn on camera and microphone. Come back and press “{button}”."),
    "drawing.phone-settings": N_(
        "Drawing: the phone's settings, the browser in the list marked; then camera and microphone on."
    ),
    "steps.android-chrome.1": N_("Press the sign to the left of the address."),
    "steps.android-chrome.2": N_("Choose “Permissions”."),
    "steps.android-chrome.3": N_("Turn on camera and microphone, then press “{button}”."),
    "drawing.android-chrome": N_(
        "Drawing: a browser on a phone, the sign left of the address marked; then camera and microphone on."
    ),
    "steps.desktop.1": N_("Press the sign beside the address, at its left end."),
    "steps.desktop.2": N_("Set camera and microphone to “Allow”."),
    "steps.desktop.3": N_("Press “{button}”."),
    "drawing.desktop": N_(
        "Drawing: a browser window, the sign left of the address marked; then camera and microphone on."
    ),
    "steps.mac-privacy.1": N_("Open System Settings and choose “Privacy & Security”."),
    "steps.mac-privacy.2": N_("Choose “Camera” and turn on your browser. Do the same under “Microphone”."),
    "steps.mac-privacy.3": N_("Press “{button}”. If it asks to, close your browser and open our link again."),
    "drawing.mac-privacy": N_(
        "Drawing: System Settings on a Mac, Privacy & Security marked; then camera and microphone on."
    ),
    "steps.windows-privacy.1": N_("Open Settings in Windows and choose “Privacy & security”."),
    "steps.windows-privacy.2": N_(
        "Choose “Camera” and let desktop apps use it. Do the same under “Microphone”."
    ),
    "steps.windows-privacy.3": N_("Come back and press “{button}”."),
    "drawing.windows-privacy": N_(
        "Drawing: Settings in Windows, Privacy & security marked; then camera and microphone on."
    ),
    "steps.in-app.1": N_("Press “Copy link”."),
    "steps.in-app.2": N_("Open Safari or Chrome."),
    "steps.in-app.3": N_("Hold your finger on the address there, and choose “Paste and Go”."),
    "steps.message.1": N_("Go back to our message."),
    "steps.message.2": N_("Hold your finger on the link in it."),
    "steps.message.3": N_("Choose “Open in browser”, or copy the link and paste it in Safari or Chrome."),
    "drawing.in-app": N_("Drawing: an app's window whose camera is crossed out; then a browser."),
    # the waiting room
    "test.queued": N_("Somebody else is testing. You are number {position}; it takes a few seconds."),
    "test.running.ok": N_(
        "This is how you look and sound, two seconds later. Say something. If it comes back again and again, use "
        "earphones."
    ),
    "test.running.no-camera": N_(
        "This is how you sound, two seconds later. Say something. There is no camera, so you see no picture."
    ),
    "test.running.no-microphone": N_(
        "This is how you look, two seconds later. There is no microphone, so you hear nothing of yourself."
    ),
    "test.running.none": N_(
        "There is no camera and no microphone, so you see and hear nothing here. We are testing your connection."
    ),
    "test.more": N_("One more quick look at your connection. Please wait a moment."),
    "test.connecting": N_("Starting the test…"),
    "test.good": N_("The test is done. Your connection is good enough for a calm video call."),
    "test.fair": N_(
        "The test is done. Your connection works. The picture may stop for a moment; your voice will get through."
    ),
    "test.weak": N_(
        "The test is done. Your connection is weak. Move closer to your Wi-Fi and test again. If it stays weak, we can "
        "call your phone instead."
    ),
    "test.reached": N_(
        "The test is done. Your connection reaches us. Without camera and microphone there was no more to test."
    ),
    "test.failed": N_(
        "Your network does not let a video call through. Try another one, for example without Wi-Fi. You can still "
        "come to your visit; if it fails, we will call you."
    ),
    "test.no-socket": N_(
        "This page reaches us, but something on the way stops calls: your network, an add-on of your browser, or our "
        "own settings. Try another network. You can still come to your visit; if it fails, we will call you."
    ),
    "test.trouble": N_(
        "The test did not work just now, and that is not your fault. Try again in a minute. You keep your visit either "
        "way."
    ),
    "test.skipped": N_("You skipped the test. You can do it at any time."),
    "wait.opens-in": N_("Your visit starts in {time}."),
    "wait.not-sent": N_("Your message was not sent. What you wrote is still there: try again, or call us."),
    "wait.now": N_("It is time."),
    "wait.bell-question": N_("Did you hear the two tones? Then your sound works."),
    # a patient's own pages
    "stop.sending": N_("Your treatment is stopped on this phone. We are telling your clinic…"),
    "stop.kept": N_(
        "Your treatment is stopped on this phone now. Your clinic does not know it yet: it is told as soon as there "
        "is a connection."
    ),
    "stop.told": N_("Your treatment is on hold, and your clinic is told."),
    "stop.not-known": N_(
        "This phone is not known here any more, so we could not tell your clinic. Please call it now."
    ),
    "home.not-known": N_(
        "This phone or computer is not known here any more, so this answer was not sent. Please call us."
    ),
    "tick.kept": N_("Your answers so far are saved."),
    "tick.waiting": N_("Not sent yet – we try again as soon as there is a connection."),
    # front desk
    "desk.copied": N_("Copied"),
    "times.patient": N_("patient ({city})"),
    "times.kept": N_("Held for you until {time}"),
    "times.not-kept": N_("Not held for you: there is no connection. You can still book."),
    "times.below": N_("below, patient's time ({city})"),
    # the note
    "note.saving": N_("Saving…"),
    "note.typing": N_("Typing…"),
    "note.saved": N_("Saved {time}"),
    "note.kept": N_("Not saved – kept on this device"),
    "note.two-texts": N_("Two texts – choose below. Both are kept until then."),
    "note.here": N_("In this window"),
    "note.elsewhere": N_("In the other window"),
    "note.keep-here": N_("Keep this window's text"),
    "note.keep-elsewhere": N_("Keep the other text"),
    "note.keep-both": N_("Keep both"),
    "note.not-yet": N_(
        "Not done yet: not everything you typed is saved. It is kept on this device; try again once it is saved."
    ),
    "note.no-connection": N_(
        "No answer came, so this may not be done. What you typed is kept on this device. Please try again."
    ),
    "note.done-unseen": N_(
        "This is done, but the page does not show it yet. Reload it once there is a connection again."
    ),
    "note.confirmed": N_("Confirmed {time}"),
    "note.missing": N_("Before signing, please answer:"),
    "note.facts": N_("Confirm the facts of the visit"),
    "note.signed-elsewhere": N_(
        "This note was signed in another window. What you typed is kept on this device."
    ),
    "note.with-another": N_("Another clinician writes this note now. You can read it here."),
    "note.with-another-unsaved": N_(
        "Another clinician writes this note now. What you typed last was not saved: copy it before you leave this page."
    ),
    "note.not-obtained": N_("Not obtained, because {reason}"),
    "note.still-signed-out": N_(
        "You are still signed out. What you typed stays here; sign in and try again."
    ),
    "note.sign-in-elsewhere": N_(
        "One more step is needed before you are signed in. Do it on the sign-in page in another window, then press "
        "“I signed in in another window”. What you typed stays here."
    ),
    "call.waiting-since": N_("{name} has been waiting {minutes} min"),
    "call.in-call": N_("In call {time}"),
    "call.waits": N_("Waiting"),
    "call.away": N_("Not in the call"),
    "call.by-phone": N_("By phone"),
    "call.ends-in": N_("{minutes} min left"),
    "call.ended": N_("planned until {time}"),
}
