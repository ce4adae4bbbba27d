/// Cases of one treatment that anybody may see summed up: of so many patients, in successes as well as in failures, that no
/// few of them can be told from the sums.
///
/// Every figure that anybody may see is a sum of whole blocks, and a block never changes. So whatever is subtracted from
/// whatever else, what is left is of whole blocks again.
public struct PublicBlock: Equatable, Sendable {
    /// Herb and condition.
    public var treatment: Subject
    /// What it sums up.
    public var content: Content
    /// The newest import that was seen when it was made.
    public var lastImport: Int64
    /// Counts and sums. Those of a correction are added to earlier ones, and may be below zero.
    public var tally: Tally

    /// What a block sums up.
    public enum Content: Equatable, Sendable {
        /// Cases of these days.
        case cases(ClosedRange<Day>)
        /// What edits of cases in earlier blocks made different.
        case edits
        /// Cases in earlier blocks that were withdrawn, with their sums below zero.
        case withdrawals
    }

    /// The days of its cases; `nil` for what makes good for changes.
    public var days: ClosedRange<Day>? {
        if case .cases(let days) = content { days } else { nil }
    }

    /// A block of cases, or one that makes good for changes of earlier ones.
    public init(treatment: Subject, content: Content, lastImport: Int64, tally: Tally) {
        self.treatment = treatment
        self.content = content
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
    private var editsSeen: Int64 = 0
    private var withdrawalsSeen: Int64 = 0
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
        switch block.content {
        case .cases(let days):
            steps.append(Step(lastDay: max(days.upperBound, lastDay ?? days.upperBound), lastImport: block.lastImport))
        case .edits: editsSeen = block.lastImport
        case .withdrawals: withdrawalsSeen = block.lastImport
        }
    }

    /// Whether a case stands in a block with all that was written of it, as far as that shows without knowing when it came.
    ///
    /// - Parameter lastImport: the import that wrote it last.
    public func isSettled(on day: Day, lastImport: Int64) -> Bool {
        guard let first = steps.first, let last = steps.last, day <= last.lastDay else { return false }
        if lastImport <= first.lastImport { return true }
        // The first step that can have it saw what was written up to then.
        return lastImport <= steps[steps.indices.firstPosition { day <= steps[$0].lastDay }].lastImport
    }

    /// The import up to which changes of a case are in the blocks; `nil` where the case stands in none.
    ///
    /// - Parameters:
    ///   - firstImport: the import that first wrote it.
    ///   - isWithdrawn: whether the change in question is that it was withdrawn.
    public func importSeen(of day: Day, firstImport: Int64, isWithdrawn: Bool) -> Int64? {
        guard let last = steps.last, day <= last.lastDay, firstImport <= last.lastImport else { return nil }
        // Both grow from step to step, and the last has it.
        let step = steps.indices.firstPosition { day <= steps[$0].lastDay && firstImport <= steps[$0].lastImport }
        return max(steps[step].lastImport, isWithdrawn ? withdrawalsSeen : editsSeen)
    }
}
