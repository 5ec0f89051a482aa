"""Who comes in: logins, sessions, limits, rights."""
