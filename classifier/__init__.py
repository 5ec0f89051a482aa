"""Sorts posts into the programme's themes, says why and how sure, and learns from labels."""
