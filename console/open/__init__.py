"""Pages that need no login: the archive, and what the links of mails open."""
