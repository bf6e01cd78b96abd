"""When: appointments as values. No database, no web, no clock."""
