import Domain

/// The tallies of the records of a kind that have a case, in columns.
struct RecordTallies: Sendable {
    /// The index of each record in `values`; where it has no case, that of the next that has. One more than there are records.
    private let offsets: [Int32]
    /// The tallies of the records that have a case, in order.
    let values: TallyColumn

    /// Computes them on all cores.
    ///
    /// - Parameter tallies: those of the record at a position.
    init(of count: Int, hasCase: (Int) -> Bool, _ tallies: @Sendable (Int) -> WindowTallies) {
        var last: Int32 = 0
        let offsets = (0...count).map { record in
            defer { if record < count, hasCase(record) { last += 1 } }
            return last
        }
        values = TallyColumn(at: offsets, tallies)
        self.offsets = offsets
    }

    @inline(__always)
    func hasCase(_ record: Int) -> Bool { offsets[record] < offsets[record + 1] }

    /// The tallies of the record at a position; empty where it has no case.
    @inline(__always)
    subscript(record: Int) -> WindowTallies {
        hasCase(record) ? values[Int(offsets[record])] : WindowTallies()
    }

    func keyed<Record>(
        _ ids: [Identifier<Record>], subject: @Sendable (Identifier<Record>) -> Subject
    ) -> Keyed<Subject, WindowTallies> {
        let keys = [Subject](unsafeUninitializedCapacity: values.count) { keys, initialized in
            nonisolated(unsafe) let keys = keys  // each chunk initializes the elements of its own records
            _ = concurrentChunks(ids.count) { records in
                for record in records where hasCase(record) {
                    keys.initializeElement(at: Int(offsets[record]), to: subject(ids[record]))
                }
            }
            initialized = values.count
        }
        return Keyed(keys: keys, values: values)
    }
}

extension TallyColumn {
    /// Tallies of records, computed on all cores.
    ///
    /// - Parameters:
    ///   - offsets: the index of each record, and after the last how many there are; a record has no tallies where the next
    ///     has the same index.
    ///   - tallies: those of the record at a position.
    fileprivate init(at offsets: [Int32], _ tallies: @Sendable (Int) -> WindowTallies) {
        let count = Int(offsets[offsets.count - 1])
        var recentIndices: [Int32] = []
        var recent: [Recent] = []
        let all = [Tally](unsafeUninitializedCapacity: count) { all, initialized in
            nonisolated(unsafe) let all = all  // each chunk initializes the elements of its own records
            recentIndices = [Int32](unsafeUninitializedCapacity: count) { recentIndices, initialized in
                nonisolated(unsafe) let recentIndices = recentIndices
                let chunks = concurrentChunks(offsets.count - 1) { records in
                    var recent: [Recent] = []
                    for record in records where offsets[record] < offsets[record + 1] {
                        let (index, tallies) = (Int(offsets[record]), tallies(record))
                        let own = Recent(tallies)
                        all.initializeElement(at: index, to: tallies.all)
                        recentIndices.initializeElement(at: index, to: own == nil ? -1 : Int32(recent.count))
                        if let own { recent.append(own) }
                    }
                    return (own: Int(offsets[records.lowerBound])..<Int(offsets[records.upperBound]), recent: recent)
                }
                let joined = concurrentlyJoined(chunks.map(\.recent))
                // Each chunk counted its own from 0.
                _ = concurrentChunks(chunks.count, minimumSize: 1) { numbers in
                    for number in numbers {
                        let start = Int32(joined.offsets[number])
                        for index in chunks[number].own where recentIndices[index] >= 0 {
                            recentIndices[index] += start
                        }
                    }
                }
                recent = joined.all
                initialized = count
            }
            initialized = count
        }
        self.init(all: all, recentIndices: recentIndices, recent: recent)
    }
}
