import Configuration
public import Domain

extension ReleaseLedger {
    /// Adds the months of another ledger that this one lacks; months that are equal are passed over.
    ///
    /// Nothing is added where a month differs from this ledger or from what the database noted, or where months are counted in
    /// another time zone. Blocks until all is on the disk.
    ///
    /// - Returns: the months that were added, in order.
    /// - Throws: `MissingFile` where there is no other ledger; `LedgerError`; `UnwritableFile`.
    public func add(monthsOf other: ReleaseLedger, noted: NotedReleases) throws -> [CalendarMonth] {
        guard let source = try other.read() else {
            throw MissingFile(path: other.path, reason: "is not there, or is empty; name a ledger of released figures")
        }
        if let zone = noted.setup?.timezone { try other.check(source, zone) }
        for month in source.months where noted.contradicts(month) {
            throw LedgerError.differs(path: other.path, month: month.released.month, from: "the database noted")
        }
        return try update(settingUp: noted.setup ?? source.setup) { update in
            try other.check(source, update.content.setup.timezone)
            var added: [LedgerMonth] = []
            for month in source.months {
                guard let own = update.content.month(month.released.month) else {
                    added.append(month)
                    continue
                }
                guard own.digest == month.digest else {
                    throw LedgerError.differs(path: other.path, month: month.released.month, from: path)
                }
            }
            for month in added { try update.append(month) }
            return added.map(\.released.month).sorted()
        }
    }

    private func check(_ source: LedgerContent, _ zone: ClinicTimeZone) throws {
        guard source.setup.timezone == zone else {
            throw LedgerError.otherZone(path: path, zone: "\(source.setup.timezone)", expected: "\(zone)")
        }
    }
}
