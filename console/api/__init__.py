"""The API: JSON over the same services as the pages, for programs that bring a key."""
