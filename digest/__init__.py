"""An issue of a week: compose, render, approve, deliver."""
