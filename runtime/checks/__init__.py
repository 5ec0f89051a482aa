"""What `doctor` looks at, by subject: small checks that never change anything."""
