/// Cases of one treatment that anybody may see summed up: of so many patients, in successes as well as in failures, that no
/// few of them can be told from the sums.
///
/// Every figure that anybody may see is a sum of whole blocks, and a block never changes. So whatever is subtracted from
/// whatever else, what is left is of whole blocks again.
public struct PublicBlock: Equatable, Sendable {
    /// Herb and condition.
    public var treatment: Subject
    /// The days of its cases; `nil` for a correction of earlier blocks.
    public var days: ClosedRange<Day>?
    /// The newest import that was seen when it was made.
    public var lastImport: Int64
    /// Counts and sums. Those of a correction are added to earlier ones, and may be below zero.
    public var tally: Tally

    /// A block of cases, or a correction.
    public init(treatment: Subject, days: ClosedRange<Day>?, lastImport: Int64, tally: Tally) {
        self.treatment = treatment
        self.days = days
        self.lastImport = lastImport
        self.tally = tally
    }
}

/// What is released of one treatment: its blocks, and which cases stand in them.
public struct PublicRelease: Equatable, Sendable {
    /// A block takes up all cases up to its last day that were there when it was made and that no block had.
    private struct Step: Equatable {
        var lastDay: Day
        var lastImport: Int64
    }

    private var steps: [Step] = []
    private var correctedImport: Int64 = 0
    /// The sum of the blocks.
    public private(set) var tally = Tally()

    /// Nothing.
    public init() {}

    /// What is released of each treatment.
    ///
    /// - Parameter blocks: all blocks, in the order in which they were made.
    public static func byTreatment(_ blocks: [PublicBlock]) -> [Subject: PublicRelease] {
        var releases: [Subject: PublicRelease] = [:]
        for block in blocks { releases[block.treatment, default: PublicRelease()].add(block) }
        return releases
    }

    /// The last day of its cases; `nil` where there is no block.
    public var lastDay: Day? { steps.last?.lastDay }

    /// Adds a block that was made after all others.
    public mutating func add(_ block: PublicBlock) {
        tally += block.tally
        if let days = block.days {
            steps.append(Step(lastDay: max(days.upperBound, lastDay ?? days.upperBound), lastImport: block.lastImport))
        } else {
            correctedImport = block.lastImport
        }
    }

    /// The import up to which changes of a case are in the blocks; `nil` where the case stands in none.
    ///
    /// - Parameter firstImport: the import that first wrote it.
    public func importSeen(of day: Day, firstImport: Int64) -> Int64? {
        guard let last = steps.last, day <= last.lastDay, firstImport <= last.lastImport else { return nil }
        // Both grow from step to step.
        let step = steps.first { day <= $0.lastDay && firstImport <= $0.lastImport }
        return step.map { max($0.lastImport, correctedImport) }
    }
}
