extension Schema {
    /// Months whose figures anybody may see, until `releasedFigures`.
    static let publicMonths = """
        -- The calendar months whose figures were released to anybody, each by its last day, with the run that did.
        CREATE TABLE public_months (last_day INTEGER PRIMARY KEY, run_id INTEGER NOT NULL) STRICT;
        """

    /// Released figures are in a ledger outside of the database, which notes what the ledger had. What was released before goes
    /// with all that served it.
    static let releasedFigures = """
        DROP TABLE public_blocks;
        DROP TABLE public_months;
        DROP TABLE feedback_origins;

        -- How releases were set up, which the ledger says as well.
        CREATE TABLE release_setup (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            timezone TEXT NOT NULL,
            first_month TEXT NOT NULL
        ) STRICT;

        -- The calendar months that were released, such as 2026-11, with the SHA-256 of their lines in the ledger and the run
        -- that noted them. A month that is here is never drawn again.
        CREATE TABLE releases (
            month TEXT PRIMARY KEY,
            digest TEXT NOT NULL,
            run_id INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
