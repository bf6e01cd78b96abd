"""What the process that demos are forked from does once: reads the program and its pages (see demos.py)."""

import gc

from server.demo import run
from server.web.pages import environment
from server.web.words import LANGUAGES

__all__ = ["run"]

for language in LANGUAGES[:1]:
    pages = environment(language)
    for name in pages.list_templates(extensions=["html", "txt"]):
        pages.get_template(name)

# What is there by now stays: no demo needs to look through it again, and none copies it by doing so.
gc.freeze()
