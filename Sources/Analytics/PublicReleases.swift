public import Domain

/// The blocks that can be released to anybody beside those that are released already.
///
/// The cases of each treatment that are in no block yet are taken by day, and a block ends with the first day after which it
/// can be told. Where cases in blocks were edited or withdrawn, a further block makes good for all of them at once, as soon as
/// that can be told.
///
/// - Parameter fewest: the fewest patients that a block, its successes and its failures must have, where they have any.
public func newPublicBlocks(
    of clinic: Clinic, beside released: [Subject: PublicRelease], fewest: Int, successRating: Rating
) -> [PublicBlock] {
    let gate = ReleaseGate(clinic: clinic, fewest: fewest, success: UInt8(successRating.value))
    return gate.casesByTreatment().sorted { $0.key < $1.key }.flatMap { treatment, cases in
        gate.blocks(of: treatment, cases, beside: released[treatment] ?? PublicRelease())
    }
}

/// Decides what may be told.
private struct ReleaseGate {
    /// The cases of a treatment, and its feedback that was withdrawn, by position.
    struct Members {
        var cases: [Int32] = []
        var withdrawn: [Int32] = []
    }

    let clinic: Clinic
    let fewest: Int
    let success: UInt8

    func casesByTreatment() -> [Subject: Members] {
        var members: [Subject: Members] = [:]
        for (position, recommendation) in clinic.cases.recommendation.enumerated() {
            members[treatment(of: recommendation), default: Members()].cases.append(Int32(position))
        }
        for (position, recommendation) in clinic.withdrawn.recommendation.enumerated() {
            members[treatment(of: recommendation), default: Members()].withdrawn.append(Int32(position))
        }
        return members
    }

    func blocks(of treatment: Subject, _ members: Members, beside released: PublicRelease) -> [PublicBlock] {
        // A run as of a day before sees too little of what was released since to say what is new.
        if let lastDay = released.lastDay, lastDay > clinic.asOf { return [] }
        var pending: [Int32] = []
        var standing = Tally()
        var edited = PatientSet()
        for position in members.cases.map(Int.init) {
            let last = Int64(clinic.cases.lastImport[position])
            guard let seen = importSeen(of: position, in: clinic.cases, released, isWithdrawn: false) else {
                pending.append(Int32(position))
                continue
            }
            standing += clinic.cases.tally(at: position, success: success)
            if last > seen { edited.insert(patient(of: clinic.cases.recommendation[position])) }
        }
        var withdrawals = BlockCount()
        for position in members.withdrawn.map(Int.init) {
            guard let seen = importSeen(of: position, in: clinic.withdrawn, released, isWithdrawn: true),
                Int64(clinic.withdrawn.lastImport[position]) > seen
            else { continue }
            // It stays in the sums until enough others are withdrawn as well.
            let item = clinic.withdrawn.tally(at: position, success: success)
            standing += item
            withdrawals.add(
                item, of: patient(of: clinic.withdrawn.recommendation[position]), on: clinic.withdrawn.day[position])
        }
        standing -= released.tally
        var blocks: [PublicBlock] = []
        if edited.count >= fewest, isTellable(standing) {
            blocks.append(block(treatment, .edits, tellable(standing)))
        }
        if withdrawals.days != nil, withdrawals.isTellable(fewest: fewest) {
            var gone = Tally()
            gone -= withdrawals.tellable(fewest: fewest)
            blocks.append(block(treatment, .withdrawals, gone))
        }
        return blocks + self.blocks(of: pending, treatment, after: released.lastDay)
    }

    private func importSeen(
        of position: Int, in columns: CaseColumns, _ released: PublicRelease, isWithdrawn: Bool
    ) -> Int64? {
        let first = clinic.firstImports[columns.ids[position]] ?? columns.lastImport[position]
        return released.importSeen(of: columns.day[position], firstImport: Int64(first), isWithdrawn: isWithdrawn)
    }

    private func block(_ treatment: Subject, _ content: PublicBlock.Content, _ tally: Tally) -> PublicBlock {
        PublicBlock(treatment: treatment, content: content, lastImport: clinic.version.lastImport, tally: tally)
    }

    /// Whether a difference tells of none or of enough.
    private func isTellable(_ difference: Tally) -> Bool {
        [difference.samples, difference.successes, difference.samples - difference.successes].allSatisfy {
            $0 == 0 || abs(Int($0)) >= fewest
        }
    }

    /// What is told of a difference: what few said beside their rating stays as it was.
    private func tellable(_ difference: Tally) -> Tally {
        var told = difference
        if (1..<fewest).contains(abs(Int(difference.improvements))) { told.forgetImprovements() }
        if (1..<fewest).contains(abs(Int(difference.compliances))) { told.forgetCompliances() }
        return told
    }

    // MARK: Blocks

    /// - Parameter lastDay: cases up to this day came late, and stand in the block of the next day that ends one.
    private func blocks(of pending: [Int32], _ treatment: Subject, after lastDay: Day?) -> [PublicBlock] {
        func step(_ position: Int32) -> Day {
            max(clinic.cases.day[Int(position)], lastDay ?? .init(daysSinceEpoch: .min))
        }
        let sorted = pending.sorted { (step($0), $0) < (step($1), $1) }
        var blocks: [PublicBlock] = []
        var count = BlockCount()
        for (index, position) in sorted.enumerated() {
            let item = clinic.cases.tally(at: Int(position), success: success)
            count.add(
                item, of: patient(of: clinic.cases.recommendation[Int(position)]), on: clinic.cases.day[Int(position)])
            let isEndOfDay = index + 1 == sorted.count || step(sorted[index + 1]) != step(position)
            guard isEndOfDay, let days = count.days, count.isTellable(fewest: fewest) else { continue }
            blocks.append(block(treatment, .cases(days), count.tellable(fewest: fewest)))
            count = BlockCount()
        }
        return blocks
    }

    // MARK: Whose and of what

    private func patient(of recommendation: Int32) -> Int32 {
        clinic.diagnoses.patient[Int(clinic.recommendations.diagnosis[Int(recommendation)])]
    }

    private func treatment(of recommendation: Int32) -> Subject {
        let recommendations = clinic.recommendations
        let condition = clinic.diagnoses.condition[Int(recommendations.diagnosis[Int(recommendation)])]
        return .treatment(
            herb: clinic.herbs.terms[Int(recommendations.herb[Int(recommendation)])],
            condition: clinic.conditions.terms[Int(condition)])
    }
}

private typealias PatientSet = Set<Int32>

/// The cases of a block that grows, with whose they are.
private struct BlockCount {
    private var tally = Tally()
    private var patients = PatientSet()
    private var succeeded = PatientSet()
    private var failed = PatientSet()
    private var withImprovement = PatientSet()
    private var withCompliance = PatientSet()
    private(set) var days: ClosedRange<Day>?

    mutating func add(_ item: Tally, of patient: Int32, on day: Day) {
        tally += item
        patients.insert(patient)
        if item.successes > 0 { succeeded.insert(patient) } else { failed.insert(patient) }
        if item.improvements > 0 { withImprovement.insert(patient) }
        if item.compliances > 0 { withCompliance.insert(patient) }
        days = min(days?.lowerBound ?? day, day)...max(days?.upperBound ?? day, day)
    }

    /// Whether it has so many patients, and so many in each part that its sums tell apart.
    func isTellable(fewest: Int) -> Bool {
        patients.count >= fewest && [succeeded, failed].allSatisfy { $0.isEmpty || $0.count >= fewest }
    }

    /// What is told of it: what few said beside their rating is left out.
    func tellable(fewest: Int) -> Tally {
        var told = tally
        if withImprovement.count < fewest { told.forgetImprovements() }
        if withCompliance.count < fewest { told.forgetCompliances() }
        return told
    }
}

extension Tally {
    /// Leaves improvements out.
    mutating func forgetImprovements() {
        improvements = 0
        improvementSum = 0
    }

    /// Leaves compliances out.
    mutating func forgetCompliances() {
        compliances = 0
        complianceSum = 0
    }
}
