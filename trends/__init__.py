"""Emerging topics by exact tests over distinct writers; pure over counts."""
