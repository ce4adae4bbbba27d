public import Domain

/// Tallies every level of the clinic in the three windows, with the priors that follow from them.
///
/// Cases are counted once, by recommendation; every other level is a sum of those tallies.
public func effectiveness(of linked: LinkedClinic, successRating: Rating) -> Results.Effectiveness {
    let recommendations = recommendationTallies(of: linked, success: UInt8(successRating.value))
    let diagnoses = diagnosisTallies(of: linked, recommendations)
    let cohorts = cohortTallies(of: linked, recommendations)
    return effectiveness(
        of: cohorts.summed { .treatment(herb: $0.herb, condition: $0.condition) },
        beside: [
            .recommendation: recommendations.keyed(linked.clinic.recommendations.ids) { .recommendation($0) },
            .diagnosis: diagnoses.keyed(linked.clinic.diagnoses.ids) { .diagnosis($0) },
            .cohort: cohorts,
        ])
}

/// Treatments with the wider levels that sum them up, and the priors of all levels.
private func effectiveness(
    of treatments: Keyed<Subject, WindowTallies>, beside others: [Level: Keyed<Subject, WindowTallies>]
) -> Results.Effectiveness {
    var tallies = others
    tallies[.treatment] = treatments
    tallies[.herb] = treatments.summed { .herb($0.herb) }
    tallies[.condition] = treatments.summed { .condition($0.condition) }
    tallies[.overall] = treatments.summed { _ in .all }
    let sought = tallies.flatMap { level, rows in Window.allCases.map { (level: level, window: $0, rows: rows) } }
    let found = inParts(sought.count, ofAtLeast: 1) {
        $0.map { prior(of: sought[$0].rows.values, in: sought[$0].window) }
    }
    var priors: [Level: [Window: Prior]] = [:]
    for ((level, window, _), prior) in zip(sought, found.joined()) { priors[level, default: [:]][window] = prior }
    return Results.Effectiveness(tallies: tallies, priors: priors)
}

private func recommendationTallies(of linked: LinkedClinic, success: UInt8) -> RecordTallies {
    let cases = linked.clinic.cases
    let byRecommendation = linked.cases
    let first30 = linked.clinic.asOf - 29
    let first90 = linked.clinic.asOf - 89
    return RecordTallies(of: byRecommendation.count, hasCase: { !byRecommendation.range(of: $0).isEmpty }) {
        recommendation in
        var tallies = WindowTallies()
        for index in byRecommendation.range(of: recommendation) {
            let position = Int(byRecommendation.members[index])
            let tally = cases.tally(at: position, success: success)
            let day = cases.day[position]
            tallies.all += tally
            if day >= first90 { tallies.days90 += tally }
            if day >= first30 { tallies.days30 += tally }
        }
        return tallies
    }
}

private func diagnosisTallies(of linked: LinkedClinic, _ recommendations: RecordTallies) -> RecordTallies {
    let byDiagnosis = linked.recommendations
    return RecordTallies(
        of: byDiagnosis.count, hasCase: { byDiagnosis[$0].contains { recommendations.hasCase(Int($0)) } }
    ) { diagnosis in
        var sum = WindowTallies()
        for index in byDiagnosis.range(of: diagnosis) {
            sum += recommendations[Int(byDiagnosis.members[index])]
        }
        return sum
    }
}

private func cohortTallies(of linked: LinkedClinic, _ recommendations: RecordTallies) -> Keyed<Subject, WindowTallies> {
    let parts = inParts(linked.clinic.recommendations.ids.count) { range in
        let clinic = linked.clinic
        let terms = (herbs: clinic.herbs.terms, conditions: clinic.conditions.terms)
        var part = SubjectTallies()
        for recommendation in range where recommendations.hasCase(recommendation) {
            let diagnosis = Int(clinic.recommendations.diagnosis[recommendation])
            part.add(
                recommendations[recommendation],
                to: .cohort(
                    clinic.patients.mizaj[Int(clinic.diagnoses.patient[diagnosis])],
                    herb: terms.herbs[Int(clinic.recommendations.herb[recommendation])],
                    condition: terms.conditions[Int(clinic.diagnoses.condition[diagnosis])]))
        }
        return part
    }
    var sums = SubjectTallies()
    for part in parts { sums.add(part) }
    return sums.keyed
}

extension CaseColumns {
    /// The tally of one case.
    @inline(__always)
    func tally(at position: Int, success: UInt8) -> Tally {
        var tally = Tally()
        let rating = rating[position]
        tally.samples = 1
        tally.successes = rating >= success ? 1 : 0
        tally.ratingSum = Int32(rating)
        let improvement = improvement[position]
        if improvement > 0 {
            tally.improvements = 1
            tally.improvementSum = Int32(improvement)
        }
        let compliance = compliance[position]
        if compliance != Self.unsaid {
            tally.compliances = 1
            tally.complianceSum = Int64(compliance)
        }
        return tally
    }
}

/// The tallies of the records that have a case.
private struct RecordTallies: Sendable {
    /// The place of each record in `values`; where it has no case, that of the next that has.
    private let places: [Int32]
    private let values: TallyColumn

    /// Computes them on all cores.
    ///
    /// - Parameter tallies: those of the record at a position.
    init(of count: Int, hasCase: (Int) -> Bool, _ tallies: @Sendable (Int) -> WindowTallies) {
        var last: Int32 = 0
        let places = (0...count).map { record in
            defer { if record < count, hasCase(record) { last += 1 } }
            return last
        }
        values = TallyColumn(at: places, tallies)
        self.places = places
    }

    @inline(__always)
    func hasCase(_ record: Int) -> Bool { places[record] < places[record + 1] }

    /// Those of the record at a position.
    @inline(__always)
    subscript(record: Int) -> WindowTallies {
        hasCase(record) ? values[Int(places[record])] : WindowTallies()
    }

    func keyed<Record>(
        _ ids: [Identifier<Record>], subject: @Sendable (Identifier<Record>) -> Subject
    ) -> Keyed<Subject, WindowTallies> {
        let keys = [Subject](unsafeUninitializedCapacity: values.count) { keys, initialized in
            nonisolated(unsafe) let keys = keys  // each part fills the places of its own records
            _ = inParts(ids.count) { records in
                for record in records where hasCase(record) {
                    keys.initializeElement(at: Int(places[record]), to: subject(ids[record]))
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
    ///   - places: where those of each record stand, and after the last how many there are; a record has none where the next has
    ///     the same place.
    ///   - tallies: those of the record at a position.
    fileprivate init(at places: [Int32], _ tallies: @Sendable (Int) -> WindowTallies) {
        let count = Int(places[places.count - 1])
        var recentPlaces: [Int32] = []
        var recent: [Recent] = []
        let all = [Tally](unsafeUninitializedCapacity: count) { all, initialized in
            nonisolated(unsafe) let all = all  // each part fills the places of its own records
            recentPlaces = [Int32](unsafeUninitializedCapacity: count) { recentPlaces, initialized in
                nonisolated(unsafe) let recentPlaces = recentPlaces
                let parts = inParts(places.count - 1) { records in
                    var recent: [Recent] = []
                    for record in records where places[record] < places[record + 1] {
                        let (place, tallies) = (Int(places[record]), tallies(record))
                        let own = Recent(tallies)
                        all.initializeElement(at: place, to: tallies.all)
                        recentPlaces.initializeElement(at: place, to: own == nil ? -1 : Int32(recent.count))
                        if let own { recent.append(own) }
                    }
                    return (own: Int(places[records.lowerBound])..<Int(places[records.upperBound]), recent: recent)
                }
                let joined = joinedInParallel(parts.map(\.recent))
                // A part counted its own from 0.
                _ = inParts(parts.count, ofAtLeast: 1) { numbers in
                    for number in numbers {
                        let start = Int32(joined.starts[number])
                        for place in parts[number].own where recentPlaces[place] >= 0 { recentPlaces[place] += start }
                    }
                }
                recent = joined.all
                initialized = count
            }
            initialized = count
        }
        self.init(all: all, places: recentPlaces, recent: recent)
    }
}

/// Tallies that grow subject by subject, in any order.
private struct SubjectTallies: Sendable {
    private var positions: [Subject: Int] = [:]
    private var tallies: [WindowTallies] = []

    mutating func add(_ other: Self) {
        for (subject, position) in other.positions { add(other.tallies[position], to: subject) }
    }

    mutating func add(_ tally: WindowTallies, to subject: Subject) {
        if let position = positions[subject] {
            tallies[position] += tally
        } else {
            positions[subject] = tallies.count
            tallies.append(tally)
        }
    }

    var keyed: Keyed<Subject, WindowTallies> {
        let sorted = positions.sorted { $0.key < $1.key }
        return Keyed(keys: sorted.map(\.key), values: sorted.map { tallies[$0.value] })
    }
}

extension Keyed where Key == Subject, Value == WindowTallies {
    /// The sums over the subjects that belong to one subject of a wider level.
    fileprivate func summed(into wider: (Subject) -> Subject) -> Self {
        var sums = SubjectTallies()
        for (subject, tallies) in zip(keys, values) {
            sums.add(tallies, to: wider(subject))
        }
        return sums.keyed
    }
}
