"""The aggregations of a run as SQL in DuckDB: all levels and windows, from its own file, into temporary tables.

aggregations.py CLINIC DATABASE AS_OF REPEATS [load]: prints the seconds of each repeat, or loads the import files first.
"""

import sys
import time

import duckdb

CLINIC, DATABASE, AS_OF, REPEATS = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
OFFSET = "+03:30"
VALUES = [("symptom_improvement", "improvement"), ("compliance", "compliance")]
SUMS = [f"{sum}_{window}" for window in ("30", "90", "all")
        for sum in ("samples", "successes", "rating", "improvements", "improvement", "compliances", "compliance")]


def load():
    with duckdb.connect(DATABASE) as connection:
        for table in ("patients", "diagnoses", "recommendations", "feedback"):
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{CLINIC}/{table}.csv', header = true)")


def window(name, days):
    first = f"TIMESTAMPTZ '{AS_OF} 00:00:00{OFFSET}' - INTERVAL {days - 1} DAY" if days else None
    seen = f"created_at >= {first}" if first else "true"
    return ", ".join([
        f"count(*) FILTER ({seen}) AS samples_{name}",
        f"count(*) FILTER ({seen} AND rating >= 4) AS successes_{name}",
        f"sum(rating) FILTER ({seen}) AS rating_{name}",
        *(f"count({column}) FILTER ({seen}) AS {short}s_{name}, sum({column}) FILTER ({seen}) AS {short}_{name}"
          for column, short in VALUES)])


def aggregate(connection):
    """Cases are counted once, by recommendation; every other level is a sum of those."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE recommendation AS
        SELECT recommendation_id, {window("30", 30)}, {window("90", 90)}, {window("all", None)} FROM feedback
        WHERE deleted_at IS NULL AND created_at < TIMESTAMPTZ '{AS_OF} 00:00:00{OFFSET}' + INTERVAL 1 DAY
        GROUP BY recommendation_id""")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE diagnosis AS SELECT diagnosis_id, {sums}
        FROM recommendation JOIN recommendations USING (recommendation_id) GROUP BY diagnosis_id""")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE cohort AS
        SELECT mizaj_type, herb, condition, count(DISTINCT patient_id) AS patients, {sums}
        FROM recommendation JOIN recommendations USING (recommendation_id)
            JOIN diagnoses USING (diagnosis_id) JOIN patients USING (patient_id)
        GROUP BY mizaj_type, herb, condition""")
    for level, source, keys in [
        ("treatment", "cohort", "herb, condition"), ("herb", "treatment", "herb"),
        ("condition", "treatment", "condition"), ("overall", "treatment", "'all'")]:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {level} AS SELECT {keys}, {sums} FROM {source} GROUP BY {keys}")


if sys.argv[5:] == ["load"]:
    load()
for _ in range(REPEATS):
    # From the file each time, as a nightly run would.
    with duckdb.connect(DATABASE, read_only=True, config={"threads": 2}) as connection:
        start = time.perf_counter()
        aggregate(connection)
        print(f"{time.perf_counter() - start:.3f} {connection.execute('SELECT count(*) FROM recommendation').fetchone()[0]}")
