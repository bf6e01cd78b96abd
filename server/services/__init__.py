"""What people do: one verb, one function, one transaction's worth of work. Services never commit."""
