import Domain
import Statistics

/// The patients of one mizaj with a case on one herb, each with the newest, by condition and sex, there by symptoms, and there by
/// birth year: a group that changes all the time is not worth laying out further. A search leaves out whom condition, sex,
/// symptoms and age make too far.
struct CandidateList: Sendable {
    private struct Sector: Hashable, Sendable {
        let condition: Int32
        let sex: UInt8

        init(_ features: PatientFeatures) {
            condition = features.condition
            sex = features.sex
        }
    }

    /// By set of symptoms, each by ascending birth year; who was born when nobody knows comes first.
    private var sectors: [Sector: [Int32: [CandidateIndex.Candidate]]] = [:]

    /// A list of candidates, no two of one patient.
    init(_ candidates: [CandidateIndex.Candidate] = []) {
        for candidate in candidates.sorted(by: { $0.features.birthYear < $1.features.birthYear }) {
            sectors[Sector(candidate.features), default: [:]][candidate.features.symptomSet, default: []]
                .append(candidate)
        }
    }

    /// Adds a candidate whose patient is none yet.
    mutating func insert(_ candidate: CandidateIndex.Candidate) {
        let (sector, set) = (Sector(candidate.features), candidate.features.symptomSet)
        let place = sectors[sector]?[set]?.firstPlace(from: candidate.features.birthYear) ?? 0
        sectors[sector, default: [:]][set, default: []].insert(candidate, at: place)
    }

    /// Takes a candidate away.
    mutating func remove(_ candidate: CandidateIndex.Candidate) {
        let (sector, set) = (Sector(candidate.features), candidate.features.symptomSet)
        guard let place = sectors[sector]?[set]?.firstIndex(of: candidate) else { return }
        sectors[sector]?[set]?.remove(at: place)
        if sectors[sector]?[set]?.isEmpty ?? false { sectors[sector]?[set] = nil }
    }

    /// What a search found.
    struct Nearest: Sendable {
        /// The nearest first.
        var found: [(proximity: Proximity, isSuccess: Bool)] = []

        var finding: SimilarPatients.Finding {
            SimilarPatients.Finding(
                outcome: SimilarPatients.Outcome(
                    patients: Int32(found.count), successes: Int32(found.count { $0.isSuccess })),
                reach: reach)
        }

        /// The place of the last that counts; `nil` where there is room for anybody.
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
                if bound <= nearest.limit { nearest.take(line, bound, to: own, of: patient, sets) }
            }
        }
        return nearest
    }
}

extension CandidateList.Nearest {
    /// No distance above this one is near enough.
    fileprivate var limit: Double { reach?.limit ?? .infinity }

    /// Takes the nearest of those who differ in nothing but their birth years, by which they stand.
    ///
    /// - Parameter bound: what all but the age makes of the distance.
    fileprivate mutating func take(
        _ line: [CandidateIndex.Candidate], _ bound: Double, to own: PatientFeatures, of patient: Int32,
        _ sets: SymptomSets
    ) {
        let isKnown = own.birthYear != PatientColumns.unknownYear
        let firstKnown = isKnown ? line.firstPlace(from: PatientColumns.unknownYear + 1) : line.count
        for candidate in line[..<firstKnown] {
            guard bound + PatientDistance.unknownAge <= limit else { break }
            take(candidate, to: own, of: patient, sets)
        }
        func years(_ place: Int) -> Int32 {
            place < firstKnown || place >= line.count
                ? .max : abs(Int32(line[place].features.birthYear) - Int32(own.birthYear))
        }
        var later = max(firstKnown, line.firstPlace(from: own.birthYear))
        var earlier = later - 1
        while true {
            let (ahead, behind) = (years(later), years(earlier))
            let nearer = min(ahead, behind)
            guard nearer < .max, bound + PatientDistance.age(years: nearer) <= limit else { return }
            take(line[ahead <= behind ? later : earlier], to: own, of: patient, sets)
            if ahead <= behind { later += 1 } else { earlier -= 1 }
        }
    }

    private mutating func take(
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
    /// The place of the first, by ascending birth year, who was not born before a year.
    fileprivate func firstPlace(from birthYear: Int16) -> Int {
        indices.firstPosition { self[$0].features.birthYear >= birthYear }
    }
}

extension Proximity {
    /// Whether nobody of another condition is as near.
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

    /// The terms of condition and sex, added up.
    fileprivate static func ofSector(_ own: PatientFeatures, condition: Int32, sex: UInt8) -> Double {
        (own.condition == condition ? 0 : otherCondition) + (own.isOf(sex: sex) ? 0 : otherSex)
    }
}
