"""Makes next.csv: when schedules are due next, as croniter 7.0.0 from PyPI says.

Where clocks show a time twice, croniter is due both times; a schedule that is not for every hour is due the first time
here, and the second is left out.
"""

import csv
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from croniter import croniter

ZONES = [
    "UTC", "Asia/Tehran", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Auckland", "America/St_Johns",
]
random.seed(20260930)


def field(low, high, names=()):
    kind = random.random()
    if kind < 0.35:
        return "*"
    if kind < 0.5:
        return f"*/{random.choice([2, 3, 5, 6, 10, 15])}"
    items = []
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        a = random.randint(low, high)
        b = random.randint(a, high)
        form = random.random()
        if names and form < 0.3:
            items.append(names[a - low])
        elif form < 0.7 or a == b:
            items.append(str(a))
        elif form < 0.9:
            items.append(f"{a}-{b}")
        else:
            items.append(f"{a}-{b}/{random.randint(1, 4)}")
    return ",".join(items)


def schedule():
    months = "jan feb mar apr may jun jul aug sep oct nov dec".split()
    days = "sun mon tue wed thu fri sat".split()
    minute = field(0, 59) if random.random() < 0.5 else str(random.randint(0, 59))
    hour = field(0, 23) if random.random() < 0.6 else str(random.randint(0, 4))
    return " ".join([minute, hour, field(1, 28) if random.random() < 0.4 else "*",
                     field(1, 12, months) if random.random() < 0.3 else "*",
                     field(0, 6, days) if random.random() < 0.4 else "*"])


def changes(zone):
    """The moments at which the clocks of a zone change."""
    at, end, found = datetime(2010, 1, 1, tzinfo=timezone.utc), datetime(2024, 1, 1, tzinfo=timezone.utc), []
    while at < end:
        after = at + timedelta(hours=6)
        if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            found.append(at)
        at = after
    return found


def next_time(text, start):
    every_hour = len(set(croniter.expand(text)[0][1])) == 24 or croniter.expand(text)[0][1] == ["*"]
    times = croniter(text, start)
    while True:
        at = times.get_next(datetime)
        if every_hour or at.fold == 0:
            return at


zones = {name: (ZoneInfo(name), changes(ZoneInfo(name))) for name in ZONES}
with open(Path(__file__).parent / "next.csv", "w", newline="") as file:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["schedule", "zone", "after", "next"])
    for _ in range(10_000):
        name = random.choice(ZONES)
        zone, moments = zones[name]
        if moments and random.random() < 0.6:
            start = random.choice(moments) + timedelta(minutes=random.randint(-36 * 60, 12 * 60))
        else:
            start = datetime(2010, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=random.randint(0, 14 * 365 * 1440))
        text = schedule()
        rows.writerow([text, name, int(start.timestamp()), int(next_time(text, start.astimezone(zone)).timestamp())])
