"""What the process that demos are forked from does once: reads the program and its pages (see demos.py)."""

import gc

from server.demo import run
from server.web.pages import environment
from server.web.words import LANGUAGES, words_in

__all__ = ["run"]

for language in LANGUAGES:
    words_in(language)
# Most tests are in the first language.
pages = environment(LANGUAGES[0])
for name in pages.list_templates(extensions=["html"]):
    pages.get_template(name)

# What is there by now stays: no demo needs to look through it again, and none copies it by doing so.
gc.freeze()
