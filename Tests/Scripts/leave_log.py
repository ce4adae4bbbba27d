"""Changes a database and ends as a killed process does, which leaves the changes in its log: leave_log.py DATABASE SQL"""

import os
import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode = WAL")
connection.execute(sys.argv[2])
connection.commit()
os._exit(0)
