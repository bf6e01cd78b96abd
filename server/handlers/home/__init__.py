"""A patient's own pages: by link, on a device that is remembered, without an account."""
