"""Where people see what was collected and said, in a browser."""
