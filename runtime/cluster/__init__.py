"""Work on a Dask cluster: how it is reached, what is sent there, and what is done when parts of it die."""
