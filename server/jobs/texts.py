"""Text messages: one line in the alphabet every phone has (GSM 03.38), the clinic's name first, one short link."""

import unicodedata

from server.jobs.letters import Sender, facts_of, language_of, link_of, plain_environment
from server.notify import TextMessage
from server.services.message_facts import Outgoing
from server.store.links import SHORT
from server.web.numbers import international

# One message of the alphabet's seven bits; one character outside it would leave room for seventy.
LONGEST = 160
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These take the room of two.
EXTENDED = frozenset("^{}\\[~]|€")
INSTEAD = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "·": "-",
    "«": '"',
    "»": '"',
}
# A clinic's name is not cut shorter than this.
SHORTEST_NAME = 8


def gsm7(text: str) -> str:
    """The text in that alphabet: "mañana" stays, "lunes a las ocho está" loses an accent, what has no letter goes."""
    return "".join(_letter(mark) for mark in unicodedata.normalize("NFC", text))


def _letter(mark: str) -> str:
    if mark in BASIC or mark in EXTENDED:
        return mark
    if mark in INSTEAD or mark.isspace():
        return INSTEAD.get(mark, " ")
    plain = unicodedata.normalize("NFKD", mark)
    return "".join(part for part in plain if part in BASIC)


def room_of(text: str) -> int:
    """How many of the hundred and sixty it takes."""
    return len(text) + sum(mark in EXTENDED for mark in text)


def text_message_for(outgoing: Outgoing, sender: Sender) -> TextMessage:
    """The SMS `outgoing` asks for. A clinic's long name is cut rather than the message sent in two."""
    name = gsm7(sender.clinic.name)
    text = _written(outgoing, sender, name)
    if (over := room_of(text) - LONGEST) > 0:
        name = name[: max(SHORTEST_NAME, len(name) - over)].rstrip()
        text = _written(outgoing, sender, name)
    to = international(outgoing.to, sender.country_code)
    return TextMessage(number=outgoing.message_id, to=to, text=text)


def _written(outgoing: Outgoing, sender: Sender, name: str) -> str:
    template = plain_environment(language_of(outgoing, sender)).get_template(
        f"messages/{outgoing.kind}_sms.txt"
    )
    visit = outgoing.visit or next(iter(outgoing.visits), None)
    written = template.render(
        name=name,
        clinic=sender.clinic,
        patient_zone=outgoing.zone,
        code=outgoing.code,
        link=f"{sender.patients_url}/j/{visit.token[:SHORT]}" if visit else link_of(outgoing, sender),
        **facts_of(outgoing),
    )
    return gsm7(" ".join(written.split()))
