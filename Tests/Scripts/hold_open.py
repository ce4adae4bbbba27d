"""Reads a database, executes SQL, and keeps the database open: hold_open.py DATABASE SQL

Makes the file `ready` once it is done, and closes the database on SIGTERM, or after two minutes.
"""

import pathlib
import signal
import sqlite3
import sys

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT * FROM runs").fetchall()
connection.execute(sys.argv[2])
connection.commit()
pathlib.Path("ready").touch()
signal.sigtimedwait([signal.SIGTERM], 120)
connection.close()
