"""Languages people speak with each other, which are more than those the pages are written in."""

from babel import Locale

# Codes as patients' and practitioners' languages; ase is American Sign Language.
SPOKEN = (
    "en",
    "es",
    "ar",
    "ase",
    "de",
    "fa",
    "fr",
    "ht",
    "it",
    "ja",
    "ko",
    "pl",
    "pt",
    "ru",
    "tl",
    "vi",
    "zh",
)


def spoken_name(code: str, language: str = "en") -> str:
    """ "Spanish", or the code of a language nobody here has a word for."""
    return str(Locale.parse(language).languages.get(code, code)).capitalize()
