public import Domain

/// The blocks that can be released to anybody beside those that are released already.
///
/// The cases of each treatment up to `lastDay` that are in no block yet are taken by day, and a block ends with the first day
/// after which it can be released. Where cases in blocks were edited or withdrawn, one further block corrects all of them, as
/// soon as neither these nor those that are left are few.
///
/// - Parameter fewest: the fewest patients that a block, its successes and its failures must have, where they have any.
public func newPublicBlocks(
    of linked: LinkedClinic, upTo lastDay: Day, beside released: [Subject: PublicRelease], fewest: Int,
    successRating: Rating
) -> [PublicBlock] {
    ReleaseGate(
        linked: linked, lastDay: lastDay, released: released, fewest: fewest, success: UInt8(successRating.value)
    ).blocks()
}

/// Decides what may be told.
private struct ReleaseGate {
    /// Positions of a herb and a condition.
    struct Treatment {
        let herb: Int
        let condition: Int
    }

    private let linked: LinkedClinic
    private let lastDay: Day
    private let fewest: Int
    private let success: UInt8
    private var releases: TreatmentTable<PublicRelease>
    private var clinic: Clinic { linked.clinic }

    init(linked: LinkedClinic, lastDay: Day, released: [Subject: PublicRelease], fewest: Int, success: UInt8) {
        self.linked = linked
        self.lastDay = lastDay
        self.fewest = fewest
        self.success = success
        releases = TreatmentTable(of: linked.clinic)
        let (herbs, conditions) = (clinic.herbs.positions, clinic.conditions.positions)
        for (treatment, release) in released {
            guard let herb = herbs[treatment.herb], let condition = conditions[treatment.condition] else { continue }
            releases.place(Int(herb), Int(condition)) { release }
        }
    }

    /// The new blocks of all treatments, by ascending treatment.
    func blocks() -> [PublicBlock] {
        // Nearly all cases are settled, except in a first run.
        let cases = byHerb(clinic.cases) { clinic.cases.day[$0] <= lastDay && !isSettled($0) }
        let withdrawn = byHerb(clinic.withdrawn) { clinic.withdrawn.day[$0] <= lastDay }
        return inParts(clinic.herbs.terms.count, ofAtLeast: 1) { herbs in
            herbs.flatMap { blocks(of: $0, unsettled: cases[$0], withdrawn: withdrawn[$0]) }
        }.flatMap { $0 }.sorted { $0.treatment < $1.treatment }
    }

    /// Whether a case, given by position, stands in a block with all that was written of it, as far as that is plain.
    private func isSettled(_ position: Int) -> Bool {
        let recommendation = clinic.cases.recommendation[position]
        let herb = Int(clinic.recommendations.herb[Int(recommendation)])
        guard let place = releases.place(herb, Int(condition(of: recommendation))) else { return false }
        return releases.values[place].isSettled(
            on: clinic.cases.day[position], lastImport: Int64(clinic.cases.lastImport[position]))
    }

    private func byHerb(_ columns: CaseColumns, where counts: @Sendable (Int) -> Bool) -> Groups {
        let herbs = inParts(of: columns.count) { position in
            counts(position) ? clinic.recommendations.herb[Int(columns.recommendation[position])] : -1
        }
        return Groups(herbs, into: clinic.herbs.terms.count)
    }

    /// The new blocks of the treatments of a herb.
    private func blocks(
        of herb: Int, unsettled: ArraySlice<Int32>, withdrawn: ArraySlice<Int32>
    ) -> [PublicBlock] {
        func byCondition(_ positions: ArraySlice<Int32>, of columns: CaseColumns) -> [[Int32]] {
            let groups = Groups(
                positions.map { condition(of: columns.recommendation[Int($0)]) }, into: clinic.conditions.terms.count)
            return (0..<groups.count).map { group in
                groups[group].map { positions[positions.startIndex + Int($0)] }
            }
        }
        let unsettled = byCondition(unsettled, of: clinic.cases)
        let withdrawn = byCondition(withdrawn, of: clinic.withdrawn)
        return clinic.conditions.terms.indices.flatMap { condition -> [PublicBlock] in
            guard !unsettled[condition].isEmpty || !withdrawn[condition].isEmpty else { return [] }
            return blocks(
                of: Treatment(herb: herb, condition: condition), unsettled: unsettled[condition],
                withdrawn: withdrawn[condition])
        }
    }

    /// - Parameters:
    ///   - unsettled: the cases that may stand in no block, or may have been edited since.
    ///   - withdrawn: all feedback that was withdrawn.
    private func blocks(of treatment: Treatment, unsettled: [Int32], withdrawn: [Int32]) -> [PublicBlock] {
        let subject = Subject.treatment(
            herb: clinic.herbs.terms[treatment.herb], condition: clinic.conditions.terms[treatment.condition])
        let released =
            releases.place(treatment.herb, treatment.condition).map { releases.values[$0] } ?? PublicRelease()
        // Up to a day before, too little is seen of what was released since to say what is new.
        if let lastReleased = released.lastDay, lastReleased > lastDay { return [] }
        var pending: [Int32] = []
        var edited = FewPatients(fewest)
        for position in unsettled.map(Int.init) {
            guard let seen = importSeen(of: position, in: clinic.cases, released, isWithdrawn: false) else {
                pending.append(Int32(position))
                continue
            }
            if Int64(clinic.cases.lastImport[position]) > seen {
                edited.insert(patient(of: clinic.cases.recommendation[position]))
            }
        }
        // It stays in the sums until enough others are withdrawn as well.
        var remaining = Tally()
        var withdrawals = BlockCount(fewest)
        for position in withdrawn.map(Int.init) {
            guard let seen = importSeen(of: position, in: clinic.withdrawn, released, isWithdrawn: true),
                Int64(clinic.withdrawn.lastImport[position]) > seen
            else { continue }
            let item = clinic.withdrawn.tally(at: position, success: success)
            remaining += item
            withdrawals.add(
                item, of: patient(of: clinic.withdrawn.recommendation[position]), on: clinic.withdrawn.day[position])
        }
        var blocks: [PublicBlock] = []
        var told = released.tally
        /// Makes good for changes, where neither these nor what is left are few.
        func correct(_ content: PublicBlock.Content, by difference: Tally) {
            var left = told
            left += difference
            guard isTellable(difference), isTellable(left) else { return }
            blocks.append(block(subject, content, difference))
            told = left
        }
        if edited.isEnough {
            var difference = standing(of: treatment, in: released)
            difference += remaining
            difference -= released.tally
            correct(.edits, by: tellable(difference))
        }
        if withdrawals.days != nil, withdrawals.isTellable {
            var gone = Tally()
            gone -= withdrawals.tellable
            correct(.withdrawals, by: gone)
        }
        return blocks + self.blocks(of: pending, subject, after: released.lastDay)
    }

    /// The sum of all cases of a treatment that stand in blocks, as they are now.
    private func standing(of treatment: Treatment, in released: PublicRelease) -> Tally {
        var sum = Tally()
        for mizaj in Mizaj.allCases {
            let group = LinkedClinic.group(of: mizaj, herb: Int32(treatment.herb), in: clinic)
            for recommendation in linked.groups[Int(group)]
            where Int(condition(of: recommendation)) == treatment.condition {
                for position in linked.cases[Int(recommendation)].map(Int.init)
                where importSeen(of: position, in: clinic.cases, released, isWithdrawn: false) != nil {
                    sum += clinic.cases.tally(at: position, success: success)
                }
            }
        }
        return sum
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

    private func condition(of recommendation: Int32) -> Int32 {
        clinic.diagnoses.condition[Int(clinic.recommendations.diagnosis[Int(recommendation)])]
    }

    private func patient(of recommendation: Int32) -> Int32 {
        clinic.diagnoses.patient[Int(clinic.recommendations.diagnosis[Int(recommendation)])]
    }
}

/// Distinct patients, as far as it matters how many they are.
private struct FewPatients {
    private let enough: Int
    private var patients: [Int32] = []

    init(_ enough: Int) { self.enough = enough }

    /// - Parameter patient: asked for only where it matters still, since to find whose a case is takes longer than all the rest.
    @inline(__always)
    mutating func insert(_ patient: @autoclosure () -> Int32) {
        guard patients.count < enough else { return }
        let patient = patient()
        if !patients.contains(patient) { patients.append(patient) }
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

    @inline(__always)
    mutating func add(_ item: Tally, of patient: @autoclosure () -> Int32, on day: Day) {
        tally += item
        patients.insert(patient())
        if item.successes > 0 { succeeded.insert(patient()) } else { failed.insert(patient()) }
        if item.improvements > 0 { withImprovement.insert(patient()) }
        if item.compliances > 0 { withCompliance.insert(patient()) }
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
