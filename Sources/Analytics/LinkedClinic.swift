public import Domain

/// A clinic with indexes of its references: built once, and shared by the stages.
public struct LinkedClinic: Sendable {
    /// The columns.
    public let clinic: Clinic
    /// The cases of each recommendation, by position.
    let cases: CSRIndex
    /// The recommendations of each diagnosis, by position.
    let recommendations: CSRIndex
    /// The recommendations with a case, by mizaj and herb: group `mizaj.ordinal * herbs + herb`.
    let groups: CSRIndex

    /// Builds the indexes.
    public init(_ clinic: Clinic) {
        let links = [
            (of: clinic.cases.recommendation, into: clinic.recommendations.ids.count),
            (of: clinic.recommendations.diagnosis, into: clinic.diagnoses.ids.count),
        ]
        let linked = concurrentChunks(links.count, minimumSize: 1) {
            $0.map { CSRIndex(links[$0].of, into: links[$0].into) }
        }
        .flatMap { $0 }
        let cases = linked[0]
        let groupOf = concurrentArray(clinic.recommendations.ids.count) { recommendation in
            cases.range(of: recommendation).isEmpty ? -1 : Self.group(of: recommendation, in: clinic)
        }
        self.clinic = clinic
        self.cases = cases
        recommendations = linked[1]
        groups = CSRIndex(groupOf, into: Mizaj.allCases.count * clinic.herbs.terms.count)
    }

    /// The group of a recommendation, whether or not it has a case.
    func group(of recommendation: Int) -> Int32 { Self.group(of: recommendation, in: clinic) }

    @inline(__always)
    private static func group(of recommendation: Int, in clinic: Clinic) -> Int32 {
        let patient = Int(clinic.diagnoses.patient[Int(clinic.recommendations.diagnosis[recommendation])])
        return group(of: clinic.patients.mizaj[patient], herb: clinic.recommendations.herb[recommendation], in: clinic)
    }

    /// The group of a mizaj and a herb, given by position.
    @inline(__always)
    static func group(of mizaj: Mizaj, herb: Int32, in clinic: Clinic) -> Int32 {
        Int32(mizaj.ordinal * clinic.herbs.terms.count) + herb
    }
}
