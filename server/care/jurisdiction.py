"""Where a patient is, as far as their own words say; whether they may be treated there is licences' (clinical.md, S8).

Only what the patient wrote is read, never an address of the network. What comes of it is a question to the clinician.
"""

import re

from server.care.states import STATES

_NAMES = {name.casefold(): code for code, name in STATES.items()}
_NAME = re.compile(
    r"\b(" + "|".join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True)) + r")\b"
)
# As people write it: behind a comma, before the postal code, or at the very end.
_CODE = re.compile(
    r"(?:,\s*|\s)(" + "|".join(STATES) + r")\b\.?(?=\s*(?:,?\s*\d{5}(?:-\d{4})?)?\s*(?:,?\s*USA?)?\s*$)"
)


def state_in(where: str) -> str | None:
    """The state an address names last; None when it names none, which is not the same as another one."""
    text = where.strip()
    if (found := _CODE.search(text)) is not None:
        return found[1]
    names = _NAME.findall(text.casefold())
    return _NAMES[names[-1]] if names else None
