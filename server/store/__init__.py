"""All SQL, nothing but SQL. Everything clinical or identifying is sealed before it gets here."""
