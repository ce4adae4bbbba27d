public import Domain

/// The blocks that can be released to anybody beside those that are released already.
///
/// The cases of each treatment that are in no block yet are taken by day, and a block ends with the first day after which it
/// can be told. Where cases in blocks were changed or withdrawn, a correction makes good for all of them at once, as soon
/// as that can be told.
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
        var changed = PatientSet()
        for position in members.cases {
            let index = Int(position)
            let last = clinic.cases.lastImport[index]
            let first = clinic.firstImports[clinic.cases.ids[index]] ?? last
            guard let seen = released.importSeen(of: clinic.cases.day[index], firstImport: Int64(first)) else {
                pending.append(position)
                continue
            }
            standing += clinic.cases.tally(at: index, success: success)
            if Int64(last) > seen { changed.insert(patient(of: clinic.cases.recommendation[index])) }
        }
        for position in members.withdrawn.map(Int.init) {
            let last = clinic.withdrawn.lastImport[position]
            let first = clinic.firstImports[clinic.withdrawn.ids[position]] ?? last
            if let seen = released.importSeen(of: clinic.withdrawn.day[position], firstImport: Int64(first)),
                Int64(last) > seen
            {
                changed.insert(patient(of: clinic.withdrawn.recommendation[position]))
            }
        }
        standing -= released.tally
        let correction = PublicBlock(
            treatment: treatment, days: nil, lastImport: clinic.version.lastImport, tally: standing)
        return (isTellable(correction, of: changed) ? [correction] : [])
            + blocks(of: pending, treatment, after: released.lastDay)
    }

    // MARK: Corrections

    private func isTellable(_ correction: PublicBlock, of changed: PatientSet) -> Bool {
        let tally = correction.tally
        return changed.count >= fewest
            && [tally.samples, tally.successes, tally.samples - tally.successes].allSatisfy {
                $0 == 0 || abs(Int($0)) >= fewest
            }
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
            blocks.append(
                PublicBlock(
                    treatment: treatment, days: days, lastImport: clinic.version.lastImport,
                    tally: count.tellable(fewest: fewest)))
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
        if withImprovement.count < fewest {
            told.improvements = 0
            told.improvementSum = 0
        }
        if withCompliance.count < fewest {
            told.compliances = 0
            told.complianceSum = 0
        }
        return told
    }
}
