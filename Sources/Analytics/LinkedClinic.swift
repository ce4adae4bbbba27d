public import Domain

/// A clinic with what belongs to what: found once, and shared by the stages.
public struct LinkedClinic: Sendable {
    /// The columns.
    public let clinic: Clinic
    /// The cases of each recommendation, by position.
    let cases: Groups
    /// The recommendations of each diagnosis, by position.
    let recommendations: Groups
    /// The recommendations with a case, by mizaj and herb: the group of a herb is its position, after those of the mizaj before.
    let groups: Groups

    /// Finds what belongs to what.
    public init(_ clinic: Clinic) {
        let cases = Groups(clinic.cases.recommendation, into: clinic.recommendations.ids.count)
        let groupOf = inParts(clinic.recommendations.ids.count) { recommendations in
            recommendations.map { recommendation in
                cases.range(of: recommendation).isEmpty ? -1 : Self.group(of: recommendation, in: clinic)
            }
        }
        self.clinic = clinic
        self.cases = cases
        recommendations = Groups(clinic.recommendations.diagnosis, into: clinic.diagnoses.ids.count)
        groups = Groups(Array(groupOf.joined()), into: Mizaj.allCases.count * clinic.herbs.terms.count)
    }

    /// The group of a recommendation, whether or not it has a case.
    func group(of recommendation: Int) -> Int32 { Self.group(of: recommendation, in: clinic) }

    @inline(__always)
    private static func group(of recommendation: Int, in clinic: Clinic) -> Int32 {
        let patient = Int(clinic.diagnoses.patient[Int(clinic.recommendations.diagnosis[recommendation])])
        return Int32(clinic.patients.mizaj[patient].ordinal * clinic.herbs.terms.count)
            + clinic.recommendations.herb[recommendation]
    }

    /// The newest case of each patient in a group: by instant, then by feedback id. Similar patients are chosen from these.
    func newestCases(in group: Int) -> [Int32] {
        let (cases, groups) = (cases, groups)
        let (diagnosisOf, patientOf) = (clinic.recommendations.diagnosis, clinic.diagnoses.patient)
        let times = clinic.cases.createdAt
        var newest: [Int32] = []
        // Where in `newest` each patient of the group stands: groups may be many and small.
        var places: [Int32: Int] = [:]
        places.reserveCapacity(groups.range(of: group).count)
        for index in groups.range(of: group) {
            let recommendation = Int(groups.members[index])
            let patient = patientOf[Int(diagnosisOf[recommendation])]
            let own = cases.range(of: recommendation)
            let place = places[patient] ?? newest.count
            if place == newest.count {
                places[patient] = place
                newest.append(cases.members[own.lowerBound])
            }
            for position in cases.members[own]
            where (times[Int(newest[place])], newest[place]) < (times[Int(position)], position) {
                newest[place] = position  // a later position has a greater feedback id
            }
        }
        return newest
    }
}
