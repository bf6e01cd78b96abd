"""One module a patient: their visits, course, journal, measures and holds on one page, so that they agree."""
