"""The psychiatrist: the day, the consult, the note."""
