"""The privacy notice and the record of processing, from the running configuration."""
