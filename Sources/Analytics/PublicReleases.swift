public import Domain

/// The blocks that can be released to anybody beside those that are released already.
///
/// The cases of each treatment that are in no block yet are taken by day, and a block ends with the first day after which it
/// can be told. Where cases in blocks were edited or withdrawn, a further block makes good for all of them at once, as soon as
/// that can be told.
///
/// - Parameter fewest: the fewest patients that a block, its successes and its failures must have, where they have any.
public func newPublicBlocks(
    of linked: LinkedClinic, beside released: [Subject: PublicRelease], fewest: Int, successRating: Rating
) -> [PublicBlock] {
    let gate = ReleaseGate(clinic: linked.clinic, fewest: fewest, success: UInt8(successRating.value))
    return gate.blocks(beside: released)
}

/// Decides what may be told.
private struct ReleaseGate {
    /// The cases of a treatment, and its feedback that was withdrawn, by position.
    struct Members {
        let cases: [Int32]
        let withdrawn: [Int32]
    }

    let clinic: Clinic
    let fewest: Int
    let success: UInt8

    /// The new blocks of all treatments, by ascending treatment.
    func blocks(beside released: [Subject: PublicRelease]) -> [PublicBlock] {
        let cases = byHerb(clinic.cases)
        let withdrawn = byHerb(clinic.withdrawn)
        return inParts(clinic.herbs.terms.count, ofAtLeast: 1) { herbs in
            herbs.flatMap { herb in
                blocks(of: herb, Members(cases: Array(cases[herb]), withdrawn: Array(withdrawn[herb])), released)
            }
        }.flatMap { $0 }.sorted { $0.treatment < $1.treatment }
    }

    private func byHerb(_ columns: CaseColumns) -> Groups {
        Groups(columns.recommendation.map { clinic.recommendations.herb[Int($0)] }, into: clinic.herbs.terms.count)
    }

    /// The new blocks of the treatments of a herb.
    private func blocks(of herb: Int, _ members: Members, _ released: [Subject: PublicRelease]) -> [PublicBlock] {
        func byCondition(_ positions: [Int32], of columns: CaseColumns) -> Groups {
            Groups(
                positions.map { position in
                    let recommendation = Int(columns.recommendation[Int(position)])
                    return clinic.diagnoses.condition[Int(clinic.recommendations.diagnosis[recommendation])]
                }, into: clinic.conditions.terms.count)
        }
        let cases = byCondition(members.cases, of: clinic.cases)
        let withdrawn = byCondition(members.withdrawn, of: clinic.withdrawn)
        return clinic.conditions.terms.indices.flatMap { condition -> [PublicBlock] in
            let members = Members(
                cases: cases[condition].map { members.cases[Int($0)] },
                withdrawn: withdrawn[condition].map { members.withdrawn[Int($0)] })
            guard !members.cases.isEmpty || !members.withdrawn.isEmpty else { return [] }
            let treatment = Subject.treatment(
                herb: clinic.herbs.terms[herb], condition: clinic.conditions.terms[condition])
            return blocks(of: treatment, members, beside: released[treatment] ?? PublicRelease())
        }
    }

    private func blocks(of treatment: Subject, _ members: Members, beside released: PublicRelease) -> [PublicBlock] {
        // A run as of a day before sees too little of what was released since to say what is new.
        if let lastDay = released.lastDay, lastDay > clinic.asOf { return [] }
        var pending: [Int32] = []
        var standing = Tally()
        var edited = FewPatients(fewest)
        for position in members.cases.map(Int.init) {
            let last = Int64(clinic.cases.lastImport[position])
            guard let seen = importSeen(of: position, in: clinic.cases, released, isWithdrawn: false) else {
                pending.append(Int32(position))
                continue
            }
            standing += clinic.cases.tally(at: position, success: success)
            if last > seen { edited.insert(patient(of: clinic.cases.recommendation[position])) }
        }
        var withdrawals = BlockCount(fewest)
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
        if edited.isEnough, isTellable(standing) {
            blocks.append(block(treatment, .edits, tellable(standing)))
        }
        if withdrawals.days != nil, withdrawals.isTellable {
            var gone = Tally()
            gone -= withdrawals.tellable
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
        guard let first = pending.map({ clinic.cases.day[Int($0)] }).min(),
            let last = pending.map({ clinic.cases.day[Int($0)] }).max()
        else { return [] }
        let byStep = Groups(
            pending.map { max(clinic.cases.day[Int($0)], lastDay ?? first).daysSinceEpoch - first.daysSinceEpoch },
            into: Int(max(last, lastDay ?? last).daysSinceEpoch - first.daysSinceEpoch) + 1)
        var blocks: [PublicBlock] = []
        var count = BlockCount(fewest)
        for step in 0..<byStep.count where !byStep[step].isEmpty {
            for index in byStep[step] {
                let position = Int(pending[Int(index)])
                count.add(
                    clinic.cases.tally(at: position, success: success),
                    of: patient(of: clinic.cases.recommendation[position]), on: clinic.cases.day[position])
            }
            guard let days = count.days, count.isTellable else { continue }
            blocks.append(block(treatment, .cases(days), count.tellable))
            count = BlockCount(fewest)
        }
        return blocks
    }

    // MARK: Whose and of what

    private func patient(of recommendation: Int32) -> Int32 {
        clinic.diagnoses.patient[Int(clinic.recommendations.diagnosis[Int(recommendation)])]
    }
}

/// Distinct patients, as far as it matters how many they are.
private struct FewPatients {
    private let enough: Int
    private var patients: [Int32] = []

    init(_ enough: Int) { self.enough = enough }

    @inline(__always)
    mutating func insert(_ patient: Int32) {
        if patients.count < enough, !patients.contains(patient) { patients.append(patient) }
    }

    var isEmpty: Bool { patients.isEmpty }
    var isEnough: Bool { patients.count >= enough }
}

/// The cases of a block that grows, with whose they are.
private struct BlockCount {
    private var tally = Tally()
    private var patients: FewPatients
    private var succeeded: FewPatients
    private var failed: FewPatients
    private var withImprovement: FewPatients
    private var withCompliance: FewPatients
    private(set) var days: ClosedRange<Day>?

    init(_ fewest: Int) {
        let nobody = FewPatients(fewest)
        (patients, succeeded, failed, withImprovement, withCompliance) = (nobody, nobody, nobody, nobody, nobody)
    }

    mutating func add(_ item: Tally, of patient: Int32, on day: Day) {
        tally += item
        patients.insert(patient)
        if item.successes > 0 { succeeded.insert(patient) } else { failed.insert(patient) }
        if item.improvements > 0 { withImprovement.insert(patient) }
        if item.compliances > 0 { withCompliance.insert(patient) }
        days = min(days?.lowerBound ?? day, day)...max(days?.upperBound ?? day, day)
    }

    /// Whether it has so many patients, and so many in each part that its sums tell apart.
    var isTellable: Bool {
        patients.isEnough && (succeeded.isEmpty || succeeded.isEnough) && (failed.isEmpty || failed.isEnough)
    }

    /// What is told of it: what few said beside their rating is left out.
    var tellable: Tally {
        var told = tally
        if !withImprovement.isEnough { told.forgetImprovements() }
        if !withCompliance.isEnough { told.forgetCompliances() }
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
