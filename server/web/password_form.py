"""A new password, typed twice: the same rule and the same sentences wherever one is chosen."""

from server.services import passwords
from server.web.forms import Form
from server.web.words import N_

UNFIT = N_("Use at least twelve characters. A few words you can remember are best.")
NOT_TWICE = N_("The two are not the same. Please type the password once more.")
BUSY = N_("Many people are signing in just now. Please try again in a few seconds.")


async def read_new(form: Form) -> str | None:
    """The hash of `password`, repeated in `again`; None with the problem noted."""
    password = form.typed.get("password", "")
    if password != form.typed.get("again", ""):
        form.problems["again"] = NOT_TWICE
        return None
    try:
        return await passwords.hashed(password)
    except passwords.PasswordUnfit:
        form.problems["password"] = UNFIT
    except passwords.TooBusy:
        form.problems["password"] = BUSY
    return None
