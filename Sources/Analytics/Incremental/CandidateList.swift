import Domain
import Statistics

/// The candidates of one mizaj and herb while they change: in lists by condition and sex, symptoms and birth year.
///
/// It prunes less than `CandidateIndex`, whose arrays would have to be rebuilt with each change: a search visits condition and
/// sex by ascending bound, skips sets of symptoms beyond the limit, and visits birth years outwards from that of the patient.
struct CandidateList: Sendable {
    private struct Sector: Hashable, Sendable {
        let condition: Int32
        let sex: UInt8

        init(_ features: PatientFeatures) {
            condition = features.condition
            sex = features.sex
        }
    }

    /// By set of symptoms, each by ascending birth year; unknown birth years come first.
    private var sectors: [Sector: [Int32: [CandidateIndex.Candidate]]] = [:]

    /// A list of candidates, no two of one patient.
    init(_ candidates: [CandidateIndex.Candidate] = []) {
        for candidate in candidates.sorted(by: { $0.features.birthYear < $1.features.birthYear }) {
            sectors[Sector(candidate.features), default: [:]][candidate.features.symptomSet, default: []]
                .append(candidate)
        }
    }

    /// Inserts a candidate of a patient who has none yet.
    mutating func insert(_ candidate: CandidateIndex.Candidate) {
        let (sector, set) = (Sector(candidate.features), candidate.features.symptomSet)
        let index = sectors[sector]?[set]?.firstIndex(from: candidate.features.birthYear) ?? 0
        sectors[sector, default: [:]][set, default: []].insert(candidate, at: index)
    }

    /// Removes a candidate.
    mutating func remove(_ candidate: CandidateIndex.Candidate) {
        let (sector, set) = (Sector(candidate.features), candidate.features.symptomSet)
        guard let index = sectors[sector]?[set]?.firstIndex(of: candidate) else { return }
        sectors[sector]?[set]?.remove(at: index)
        if sectors[sector]?[set]?.isEmpty ?? false { sectors[sector]?[set] = nil }
    }

    /// The result of a search.
    struct Nearest: Sendable {
        /// The nearest first.
        var found: [(proximity: Proximity, isSuccess: Bool)] = []

        var finding: SimilarPatients.Finding {
            SimilarPatients.Finding(
                outcome: SimilarPatients.Outcome(
                    patients: Int32(found.count), successes: Int32(found.count { $0.isSuccess })),
                reach: reach)
        }

        /// The proximity of the last that counts; `nil` where fewer than 20 were found.
        var reach: Proximity? {
            found.count == PatientDistance.neighbours ? found.last?.proximity : nil
        }
    }

    /// The most similar patients.
    func nearest(to own: PatientFeatures, of patient: Int32, _ sets: SymptomSets) -> Nearest {
        var nearest = Nearest()
        let byBound = sectors.map { sector, lines in
            (bound: PatientDistance.ofSector(own, condition: sector.condition, sex: sector.sex), lines: lines)
        }.sorted { $0.bound < $1.bound }
        for (bound, lines) in byBound where bound <= nearest.limit {
            for (set, line) in lines {
                let bound = bound + PatientDistance.symptoms(Int(own.symptomSet), Int(set), sets)
                if bound <= nearest.limit { nearest.search(line, bound, to: own, of: patient, sets) }
            }
        }
        return nearest
    }
}

extension CandidateList.Nearest {
    /// A distance above it is not among the nearest.
    fileprivate var limit: Double { reach?.limit ?? .infinity }

    /// Collects the nearest of candidates that differ by birth year alone, by which they are sorted.
    ///
    /// - Parameter bound: the sum of all terms but that of age.
    fileprivate mutating func search(
        _ line: [CandidateIndex.Candidate], _ bound: Double, to own: PatientFeatures, of patient: Int32,
        _ sets: SymptomSets
    ) {
        let isKnown = own.birthYear != PatientColumns.unknownYear
        let firstKnown = isKnown ? line.firstIndex(from: PatientColumns.unknownYear + 1) : line.count
        for candidate in line[..<firstKnown] {
            guard bound + PatientDistance.unknownAge <= limit else { break }
            collect(candidate, to: own, of: patient, sets)
        }
        func years(_ index: Int) -> Int32 {
            index < firstKnown || index >= line.count
                ? .max : abs(Int32(line[index].features.birthYear) - Int32(own.birthYear))
        }
        var later = max(firstKnown, line.firstIndex(from: own.birthYear))
        var earlier = later - 1
        while true {
            let (ahead, behind) = (years(later), years(earlier))
            let nearer = min(ahead, behind)
            guard nearer < .max, bound + PatientDistance.age(years: nearer) <= limit else { return }
            collect(line[ahead <= behind ? later : earlier], to: own, of: patient, sets)
            if ahead <= behind { later += 1 } else { earlier -= 1 }
        }
    }

    private mutating func collect(
        _ candidate: CandidateIndex.Candidate, to own: PatientFeatures, of patient: Int32, _ sets: SymptomSets
    ) {
        guard candidate.recency.patient != patient else { return }
        let distance = PatientDistance.between(own, candidate.features, sets)
        let proximity = Proximity(distance: distance, recency: candidate.recency)
        if let reach {
            guard proximity < reach else { return }
            found.removeLast()
        }
        found.insert((proximity, candidate.isSuccess), at: found.firstIndex { proximity < $0.proximity } ?? found.count)
    }
}

extension [CandidateIndex.Candidate] {
    /// The index of the first, by ascending birth year, who was not born before a year.
    fileprivate func firstIndex(from birthYear: Int16) -> Int {
        indices.firstPosition { self[$0].features.birthYear >= birthYear }
    }
}

extension Proximity {
    /// Whether no candidate of another condition can be as near.
    var isWithinCondition: Bool { distance < billionths(PatientDistance.otherCondition) }
}

extension PatientDistance {
    /// The distance of two patients, in billionths.
    static func between(_ own: PatientFeatures, _ other: PatientFeatures, _ sets: SymptomSets) -> Int64 {
        let isAgeKnown =
            own.birthYear != PatientColumns.unknownYear && other.birthYear != PatientColumns.unknownYear
        let (left, right) = (Int(own.symptomSet), Int(other.symptomSet))
        return total(
            condition: own.condition == other.condition ? 0 : otherCondition,
            age: isAgeKnown ? age(years: abs(Int32(own.birthYear) - Int32(other.birthYear))) : unknownAge,
            sex: own.isOf(sex: other.sex) ? 0 : otherSex,
            symptoms: symptoms(left, right, sets))
    }

    /// The term of two sets of symptoms.
    fileprivate static func symptoms(_ left: Int, _ right: Int, _ sets: SymptomSets) -> Double {
        symptoms(overlap: sets.overlap(left, right), sizes: sets.size(left) + sets.size(right))
    }

    /// The sum of the terms of condition and sex.
    fileprivate static func ofSector(_ own: PatientFeatures, condition: Int32, sex: UInt8) -> Double {
        (own.condition == condition ? 0 : otherCondition) + (own.isOf(sex: sex) ? 0 : otherSex)
    }
}
