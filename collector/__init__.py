"""Reads networks and archives, remembers how far, and knows what was missed."""
