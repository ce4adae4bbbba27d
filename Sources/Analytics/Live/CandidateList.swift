import Domain

/// The patients of one mizaj with a case on one herb, each with the newest, in no order: a group that changes all the time is
/// not worth laying out for searches, so that a search compares with each of them.
struct CandidateList: Sendable {
    struct Candidate: Equatable, Sendable {
        var features: PatientFeatures
        var recency: Recency
        var isSuccess: Bool
    }

    private(set) var candidates: [Candidate] = []

    /// Adds a candidate whose patient is none yet.
    mutating func append(_ candidate: Candidate) { candidates.append(candidate) }

    /// Puts a candidate in the place of the one of the same patient; takes that one away where there is none any more.
    ///
    /// - Returns: the one that stood there.
    mutating func replace(_ patient: Int32, with candidate: Candidate?) -> Candidate? {
        guard let place = candidates.firstIndex(where: { $0.recency.patient == patient }) else {
            if let candidate { candidates.append(candidate) }
            return nil
        }
        let old = candidates[place]
        if let candidate { candidates[place] = candidate } else { candidates.remove(at: place) }
        return old
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
            found.count == SimilarPatients.neighbours ? found.last?.proximity : nil
        }
    }

    /// The most similar patients.
    func nearest(to own: PatientFeatures, of patient: Int32, _ sets: SymptomSets) -> Nearest {
        var nearest = Nearest()
        for candidate in candidates where candidate.recency.patient != patient {
            let proximity = Proximity(
                distance: PatientDistance.between(own, candidate.features, sets), recency: candidate.recency)
            if let reach = nearest.reach {
                guard proximity < reach else { continue }
                nearest.found.removeLast()
            }
            let place = nearest.found.firstIndex { proximity < $0.proximity } ?? nearest.found.count
            nearest.found.insert((proximity, candidate.isSuccess), at: place)
        }
        return nearest
    }
}

extension PatientDistance {
    /// The distance of two patients, in billionths.
    static func between(_ own: PatientFeatures, _ other: PatientFeatures, _ sets: SymptomSets) -> Int64 {
        let isAgeKnown =
            own.birthYear != PatientColumns.unknownYear && other.birthYear != PatientColumns.unknownYear
        let isSexSame = own.sex != PatientFeatures.unknownSex && own.sex == other.sex
        let (left, right) = (Int(own.symptomSet), Int(other.symptomSet))
        return total(
            condition: own.condition == other.condition ? 0 : 1,
            age: isAgeKnown ? age(years: abs(Int32(own.birthYear) - Int32(other.birthYear))) : unknownAge,
            sex: isSexSame ? 0 : otherSex,
            symptoms: symptoms(
                overlap: sets.overlap(left, right), sizes: Int32(sets[left].count + sets[right].count)))
    }
}
