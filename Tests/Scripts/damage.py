"""Damages a database as failing disks do: damage.py DATABASE SEED puts something into one place that no version writes
there, and prints which."""

import random
import sqlite3
import sys

database, seed = sys.argv[1:]
chance = random.Random(int(seed))
connection = sqlite3.connect(database)
connection.execute("PRAGMA ignore_check_constraints = ON")


def damaged(value):
    if isinstance(value, bytes) and value:
        if chance.random() < 0.3:
            return value[:chance.randrange(len(value))] + chance.randbytes(chance.randrange(9))
        value = bytearray(value)
        for _ in range(chance.choice([1, 2, 8])):
            value[chance.randrange(len(value))] = chance.choice([0, 127, 128, 255, chance.randrange(256)])
        return bytes(value)
    return chance.choice([-1, 0, 7, 1 << 31, (1 << 32) + 5, (1 << 63) - 1, -1 << 63, 1.5, "", "x", None, b"\0\1"])


tables = [name for name, in connection.execute(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
while True:
    table = chance.choice(tables)
    columns = list(connection.execute(f"PRAGMA table_info({table})"))
    rows = connection.execute(f"SELECT * FROM {table}").fetchall()
    if not rows:
        continue
    row, position = chance.choice(rows), chance.randrange(len(columns))
    keys = [column for column in columns if column[5]] or columns
    value = damaged(row[position])
    try:
        changed = connection.execute(
            f"UPDATE {table} SET {columns[position][1]} = ? WHERE " + " AND ".join(f"{key[1]} IS ?" for key in keys),
            [value] + [row[key[0]] for key in keys]).rowcount
    except sqlite3.Error:
        continue  # another type, or a number that is taken
    if changed:
        break
connection.commit()
print(f"{table}.{columns[position][1]}: {row[position]!r} is {value!r}")
