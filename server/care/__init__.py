"""What is safe: clinical records and rules. Pure values and functions, `now` always an argument."""
