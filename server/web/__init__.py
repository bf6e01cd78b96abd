"""HTTP plumbing shared by handlers."""
