"""What the command line and the scheduler do alike, one file a job."""
