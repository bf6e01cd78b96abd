"""The patient's visit, by link, without an account."""
