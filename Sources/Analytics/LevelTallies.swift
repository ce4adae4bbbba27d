public import Domain

/// Tallies every level of the clinic in the three windows, with the priors of all levels.
///
/// Cases are counted once, by recommendation; every other level is a sum of those tallies.
public func effectiveness(of linked: LinkedClinic, successRating: Rating) -> Results.Effectiveness {
    let recommendations = recommendationTallies(of: linked, success: UInt8(successRating.value))
    let diagnoses = diagnosisTallies(of: linked, recommendations)
    let cube = TallyCube(cohorts: cohortTallies(of: linked, recommendations))
    var tallies: [Level: Keyed<Subject, WindowTallies>] = [
        .recommendation: recommendations.keyed(linked.clinic.recommendations.ids) { .recommendation($0) },
        .diagnosis: diagnoses.keyed(linked.clinic.diagnoses.ids) { .diagnosis($0) },
    ]
    for level in TallyCube.levels { tallies[level] = cube[level].keyed }
    return Results.Effectiveness(tallies: tallies, priors: priors(of: tallies))
}

private func priors(of tallies: [Level: Keyed<Subject, WindowTallies>]) -> [Level: [Window: Prior]] {
    let estimates = tallies.flatMap { level, rows in
        Window.allCases.map { (level: level, window: $0, tallies: rows.values) }
    }
    let found = concurrentChunks(estimates.count, minimumSize: 1) {
        $0.map { prior(of: estimates[$0].tallies, in: estimates[$0].window) }
    }
    var priors: [Level: [Window: Prior]] = [:]
    for ((level, window, _), prior) in zip(estimates, found.joined()) { priors[level, default: [:]][window] = prior }
    return priors
}

func recommendationTallies(of linked: LinkedClinic, success: UInt8) -> RecordTallies {
    let cases = linked.clinic.cases
    let byRecommendation = linked.cases
    let first30 = Window.days30.firstDay(asOf: linked.clinic.asOf)
    let first90 = Window.days90.firstDay(asOf: linked.clinic.asOf)
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

func diagnosisTallies(of linked: LinkedClinic, _ recommendations: RecordTallies) -> RecordTallies {
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

func cohortTallies(of linked: LinkedClinic, _ recommendations: RecordTallies) -> TallyTable {
    let chunks = concurrentChunks(linked.clinic.recommendations.ids.count) { range in
        let clinic = linked.clinic
        let terms = (herbs: clinic.herbs.terms, conditions: clinic.conditions.terms)
        var chunk = TallyTable()
        for recommendation in range where recommendations.hasCase(recommendation) {
            let diagnosis = Int(clinic.recommendations.diagnosis[recommendation])
            chunk.add(
                recommendations[recommendation],
                to: .cohort(
                    clinic.patients.mizaj[Int(clinic.diagnoses.patient[diagnosis])],
                    herb: terms.herbs[Int(clinic.recommendations.herb[recommendation])],
                    condition: terms.conditions[Int(clinic.diagnoses.condition[diagnosis])]))
        }
        return chunk
    }
    var sums = TallyTable()
    for chunk in chunks { sums.add(chunk) }
    return sums
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
