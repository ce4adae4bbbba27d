public import Domain

/// Tallies every level of the clinic in the three windows, with the priors that follow from them.
///
/// Cases are counted once, by recommendation; every other level is a sum of those tallies.
public func effectiveness(of clinic: Clinic, successRating: Rating) -> Results.Effectiveness {
    let byRecommendation = recommendationTallies(of: clinic, successRating: successRating)
    let recommendations = clinic.recommendations
    let diagnoses = clinic.diagnoses

    var byDiagnosis = [WindowTallies](repeating: WindowTallies(), count: diagnoses.ids.count)
    var cohorts = SubjectTallies()
    for position in recommendations.ids.indices where byRecommendation[position].all.samples > 0 {
        let diagnosis = Int(recommendations.diagnosis[position])
        byDiagnosis[diagnosis] += byRecommendation[position]
        let cohort = Subject.cohort(
            clinic.patients.mizaj[Int(diagnoses.patient[diagnosis])],
            herb: clinic.herbs.terms[Int(recommendations.herb[position])],
            condition: clinic.conditions.terms[Int(diagnoses.condition[diagnosis])])
        cohorts.add(byRecommendation[position], to: cohort)
    }

    let cohortTallies = cohorts.keyed
    return effectiveness(
        of: cohortTallies.summed { .treatment(herb: $0.herb, condition: $0.condition) },
        beside: [
            .recommendation: withCases(recommendations.ids, byRecommendation) { .recommendation($0) },
            .diagnosis: withCases(diagnoses.ids, byDiagnosis) { .diagnosis($0) },
            .cohort: cohortTallies,
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
    return Results.Effectiveness(
        tallies: tallies,
        priors: tallies.mapValues { level in
            Dictionary(uniqueKeysWithValues: Window.allCases.map { ($0, prior(of: level.values, in: $0)) })
        })
}

/// The effectiveness that anybody may see, of treatments, herbs, conditions and all together.
///
/// A block counts in a window where all of its days lie in it, corrections only over all days.
public func effectiveness(of blocks: [PublicBlock], asOf: Day) -> Results.Effectiveness {
    var treatments = SubjectTallies()
    for block in blocks {
        // One whose first day lies in a window lies there as a whole.
        treatments.add(
            WindowTallies(block.tally, on: block.days?.lowerBound, asOf: asOf), to: block.treatment)
    }
    let sums = treatments.keyed
    return effectiveness(of: Keyed(keys: sums.keys, values: sums.values.map(\.plausible)), beside: [:])
}

extension WindowTallies {
    /// What stands in the windows that a day lies in; in that of all days alone where there is no day.
    init(_ tally: Tally, on day: Day?, asOf: Day) {
        self.init()
        all = tally
        guard let day else { return }
        if Window.days90.contains(day, asOf: asOf) { days90 = tally }
        if Window.days30.contains(day, asOf: asOf) { days30 = tally }
    }

    /// Without what edits and withdrawals, of which only parts may be told, made of sums that cannot be.
    fileprivate var plausible: Self {
        var tallies = self
        tallies.days30 = days30.plausible
        tallies.days90 = days90.plausible
        tallies.all = all.plausible
        return tallies
    }
}

extension Tally {
    fileprivate var plausible: Self {
        var tally = self
        if improvements <= 0 || !(improvements...5 * improvements).contains(improvementSum) {
            tally.forgetImprovements()
        }
        let most = Int64(max(0, compliances)) * Int64(Compliance.scale)
        if compliances <= 0 || !(0...most).contains(complianceSum) { tally.forgetCompliances() }
        let isWhole = (0...max(0, samples)).contains(successes)
        return isWhole ? tally : Tally()
    }
}

/// The tallies of each recommendation, by its position.
private func recommendationTallies(of clinic: Clinic, successRating: Rating) -> [WindowTallies] {
    var tallies = [WindowTallies](repeating: WindowTallies(), count: clinic.recommendations.ids.count)
    let cases = clinic.cases
    let first30 = clinic.asOf - 29
    let first90 = clinic.asOf - 89
    let success = UInt8(successRating.value)
    for position in 0..<cases.count {
        let tally = cases.tally(at: position, success: success)
        let recommendation = Int(cases.recommendation[position])
        let day = cases.day[position]
        tallies[recommendation].all += tally
        if day >= first90 { tallies[recommendation].days90 += tally }
        if day >= first30 { tallies[recommendation].days30 += tally }
    }
    return tallies
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

/// The records that have a case, as subjects.
private func withCases<Record>(
    _ ids: [Identifier<Record>], _ tallies: [WindowTallies], subject: (Identifier<Record>) -> Subject
) -> Keyed<Subject, WindowTallies> {
    var result = Keyed<Subject, WindowTallies>()
    result.reserveCapacity(ids.count)
    for position in ids.indices where tallies[position].all.samples > 0 {
        result.append(subject(ids[position]), tallies[position])
    }
    return result
}

/// Tallies that grow subject by subject, in any order.
private struct SubjectTallies {
    private var positions: [Subject: Int] = [:]
    private var tallies: [WindowTallies] = []

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
