"""One file a page: what it asks of the house, and what it shows."""
