package import Domain
import Statistics

/// A published table, or the part of it that one level has, of which a publication writes only what changed.
///
/// Rows are in pages of up to 256 neighbouring keys, each packed into few bytes: there are millions of them, and a run writes
/// most. A page begins with the day of most of its rows; each row has its key, how far its day is from that, and its values.
package struct PublishedTable<Key: RawRepresentable & Comparable & Hashable & Sendable, Row: PublishedRow>: Sendable
where Key.RawValue == Int64 {
    /// Name of the table.
    package let name: String
    /// Name of the key column of the history.
    package let key: String
    /// The level of the rows; `nil` for a table without levels.
    package let level: Level?
    /// The greatest key that a row can have.
    let lastKey: Int64

    package init(name: String, key: String, level: Level? = nil, lastKey: Int64 = .max) {
        self.name = name
        self.key = key
        self.level = level
        self.lastKey = lastKey
    }

    /// A published row.
    package struct Old: Sendable {
        package var key: Key
        package var row: Row
        /// As-of day of the run that wrote it.
        package var since: Int32
    }

    // MARK: Pages

    /// How many bits of a key tell the rows of a page apart.
    private static var keyBits: Int64 { 8 }
    /// How many pages are read in one go.
    static var pagesOfBatch: Int { 1024 }

    /// The number of the page that a key belongs to.
    package func page(of key: Key) -> Int64 { pageNumbers.lowerBound | key.rawValue >> Self.keyBits }

    /// The numbers that pages of the level can have.
    var pageNumbers: ClosedRange<Int64> {
        let first = Int64(level?.ordinal ?? 0) << 56
        return first...first | (1 << 56 - 1)
    }

    /// The stored pages that follow a number, at most `pagesOfBatch`.
    func stored(after last: Int64, in pages: any PublishedPages) throws -> [(page: Int64, bytes: [UInt8])] {
        guard last < pageNumbers.upperBound else { return [] }
        return try pages.pages(of: name, in: last + 1...pageNumbers.upperBound, limit: Self.pagesOfBatch)
    }

    /// Replaces `rows` by those of a page.
    func read(_ bytes: [UInt8], of page: Int64, into rows: inout [Old]) throws {
        rows.removeAll(keepingCapacity: true)
        guard !bytes.isEmpty else { return }
        try forEachRow(in: bytes, of: page) { row in
            rows.append(row)
            return true
        }
    }

    /// Calls `body` with each row of a page, until it returns `false`.
    @inline(__always)
    func forEachRow(in bytes: [UInt8], of page: Int64, _ body: (Old) -> Bool) throws {
        try bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let first = (page - pageNumbers.lowerBound) << Self.keyBits
            let base = reader.difference()
            var last: Int64 = -1
            while !reader.isAtEnd {
                let number = first | Int64(reader.byte())
                let since = Int32(truncatingIfNeeded: base &+ reader.difference())
                guard number > last, number <= lastKey, let key = Key(rawValue: number), let row = Row(from: &reader),
                    !reader.isBroken, row.isPossible
                else { throw DamagedData.unknown(name) }
                last = number
                guard body(Old(key: key, row: row, since: since)) else { return }
            }
        }
    }

    // MARK: Reading

    /// All rows.
    package func read(in pages: any PublishedPages) throws -> Keyed<Key, Row> {
        var rows = Keyed<Key, Row>()
        try forEach(in: pages) { rows.append($0.key, $0.row) }
        return rows
    }

    /// Calls `body` with all rows, by ascending key.
    package func forEach(in pages: any PublishedPages, _ body: (Old) throws -> Void) throws {
        var rows: [Old] = []
        var last = pageNumbers.lowerBound - 1
        while true {
            let stored = try stored(after: last, in: pages)
            for (page, bytes) in stored {
                try read(bytes, of: page, into: &rows)
                for row in rows { try body(row) }
            }
            guard stored.count == Self.pagesOfBatch else { return }
            last = stored.last?.page ?? last
        }
    }

    /// The rows of ascending keys that have one.
    package func olds(_ keys: [Key], in pages: any PublishedPages) throws -> [Old] {
        var found: [Old] = []
        var page: Int64?
        var rows: [Old] = []
        for key in keys {
            let own = self.page(of: key)
            if page != own {
                try read(pages.page(own, of: name), of: own, into: &rows)
                page = own
            }
            if let row = rows.first(where: { $0.key == key }) { found.append(row) }
        }
        return found
    }

    /// The row of a key; `nil` where there is none.
    package func row(_ key: Key, in pages: any PublishedPages) throws -> Row? { try olds([key], in: pages).first?.row }
}

// MARK: Tables

extension PublishedTable where Key == Subject, Row == WindowTallies {
    package static func effectiveness(_ level: Level) -> Self {
        Self(name: "effectiveness", key: "subject", level: level, lastKey: Subject.last(at: level))
    }
}

extension PublishedTable where Key == Subject, Row == Trend {
    package static func trends(_ level: Level) -> Self {
        Self(name: "trends", key: "subject", level: level, lastKey: Subject.last(at: level))
    }
}

extension PublishedTable where Key == Subject, Row == Cohort {
    package static var cohorts: Self { Self(name: "cohorts", key: "subject", lastKey: Subject.last(at: .cohort)) }
}

extension PublishedTable where Key == RecommendationID, Row == PublishedPrediction {
    package static var predictions: Self { Self(name: "predictions", key: "recommendation_id") }
}

extension PublishedTable where Key == Subject, Row == HistoricalEvidence {
    package static var bodies: Self { Self(name: "bodies", key: "treatment") }
}

extension PublishedTable where Key == RecommendationID, Row == PatientPrediction {
    package static var patientPredictions: Self { Self(name: "patient_predictions", key: "recommendation_id") }
}

extension Subject {
    /// The greatest that a level can have: one more mizaj has no name.
    fileprivate static func last(at level: Level) -> Int64 {
        level == .cohort ? Int64(Mizaj.allCases.count) << 60 - 1 : .max
    }
}
