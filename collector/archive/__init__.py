"""Reads archives: whichever way they are packed, and whatever is wrong with them."""
