"""What is watched, for whom: the configuration as frozen types, the words for people, the base of all errors."""
