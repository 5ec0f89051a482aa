"""The running program: command line, schedule, settings, logging, wiring."""
