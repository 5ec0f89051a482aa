"""Posts and all that is known of them; the only door to the database."""
