import Analytics
import Domain
import Statistics
import Store

/// Releases figures to anybody, once for each calendar month (docs/released-figures.md).
extension JobRunner {
    /// Days after the end of a month before its figures are released, in which late feedback comes in.
    private static let waitAfterMonth = 7

    /// Releases the months that are due, where the run may release any, and notes in the database what the ledger has.
    ///
    /// A month is drawn, appended to the ledger and synced before the database notes it. Where the process is killed in between,
    /// the next run finds the month in the ledger, and draws nothing again.
    ///
    /// - Returns: the months that were released.
    /// - Throws: `LedgerError`, `UnwritableFile`, `MissingFile`, `StoreError`, `RunError.tooLittleMemory`. What was appended
    ///   before stays.
    func releaseDueMonths(_ order: RunOrder, of linked: LinkedClinic, run: RunID) throws -> [CalendarMonth] {
        guard order.mayRelease else { return [] }
        let ledger = ReleaseLedger(of: settings.releases, beside: database)
        let noted = try database.notedReleases()
        var known = try ledger.read()
        let setup = known?.setup ?? noted.setup ?? setupByNow()
        let due = dueMonths(order, setup, beside: known, noted)
        var released: [CalendarMonth] = []
        // A ledger that is missing for a while, such as on a disk that is not mounted, is not begun anew before it must be.
        if !due.isEmpty || known == nil && noted.setup == nil {
            let clinic = try clinic(linked.clinic, in: due.isEmpty ? settings.timezone : setup.timezone)
            let counts = due.map { monthCounts(of: clinic, in: $0) }
            (known, released) = try ledger.update(settingUp: setup) { update in
                let released = try draw(due, counts, setup, into: &update)
                return (update.content, released)
            }
        }
        if let known {
            let new = known.months.filter { noted.digests[$0.released.month] == nil }
            if known.setup != noted.setup || !new.isEmpty {
                try database.noteReleases(known.setup, new, run: run)
            }
        }
        return released
    }

    private func setupByNow() -> ReleaseSetup {
        let zone = settings.timezone
        return ReleaseSetup(
            timezone: zone, firstMonth: settings.releases.firstMonth ?? CalendarMonth(of: zone.day(of: now())))
    }

    /// The months that are due and that neither the ledger nor the database knows, in order.
    private func dueMonths(
        _ order: RunOrder, _ setup: ReleaseSetup, beside ledger: LedgerContent?, _ noted: NotedReleases
    ) -> [CalendarMonth] {
        let today = setup.timezone.day(of: now())
        let lastDay = min(order.asOf, today) - Self.waitAfterMonth
        var months: [CalendarMonth] = []
        var month = setup.firstMonth
        while month.lastDay <= lastDay {
            if ledger?.month(month) == nil, noted.digests[month] == nil { months.append(month) }
            month = month.next
        }
        return months
    }

    /// The clinic with its days counted in the zone of the releases.
    private func clinic(_ clinic: Clinic, in zone: ClinicTimeZone) throws -> Clinic {
        zone == settings.timezone ? clinic : try database.affordableClinic(asOf: clinic.asOf, in: zone)
    }

    /// Draws months and appends them, all but those that another process appended meanwhile.
    private func draw(
        _ months: [CalendarMonth], _ counts: [[ReleasedSubject: RatingCounts]], _ setup: ReleaseSetup,
        into update: inout LedgerUpdate
    ) throws -> [CalendarMonth] {
        // Another process set the ledger up meanwhile: these counts may be of other days, and the next run releases them.
        guard update.content.setup.timezone == setup.timezone else { return [] }
        var generator = SystemRandomNumberGenerator()
        var released: [CalendarMonth] = []
        for (month, counts) in zip(months, counts)
        where update.content.month(month) == nil && month >= update.content.setup.firstMonth {
            let drawn = try LedgerMonth(
                releasedMonth(
                    month, of: counts, after: update.content.publicSubjects(before: month),
                    epsilon: settings.releases.epsilon, at: Instant(seconds: now().seconds), using: &generator))
            try update.append(drawn)
            released.append(month)
            onEvent(.released(drawn.released))
        }
        return released
    }
}

extension RunOrder {
    /// Whether the run may release figures to anybody.
    var mayRelease: Bool {
        isWhole && trigger != .feedback && Stage.allCases.allSatisfy { $0 == .reports || stages.contains($0) }
    }
}
