public import Domain

/// Exact counts of a calendar month for its release: how many patients gave each rating, of each subject with somebody in it.
///
/// In each subject each patient with a case in the month counts once, with the newest case (by instant, then feedback id).
///
/// - Parameters:
///   - clinic: its cases, with days in the time zone of the releases, up to the last day of the month or later.
///   - month: the month.
/// - Returns: counts of overall, herbs, conditions and treatments; none without cases in the month.
public func monthCounts(of clinic: Clinic, in month: CalendarMonth) -> [ReleasedSubject: RatingCounts] {
    let days = month.firstDay...month.lastDay
    let cases = clinic.cases
    var newest = NewestCases(clinic)
    for position in cases.day.indices where days.contains(cases.day[position]) { newest.take(position) }
    return newest.counts()
}

/// The newest case of each patient in each subject.
private struct NewestCases {
    /// A patient in a subject. Herb and condition are numbers that are the same for equal keys; -1 means all.
    private struct Member: Hashable {
        let herb: Int32
        let condition: Int32
        let patient: Int32
    }

    private struct Pair: Hashable {
        let herb: Int32
        let condition: Int32
    }

    private let clinic: Clinic
    private let herbs: [Int32]
    private let conditions: [Int32]
    private var newest: [Member: Int] = [:]

    init(_ clinic: Clinic) {
        self.clinic = clinic
        herbs = Self.numbers(of: clinic.herbs.keys)
        conditions = Self.numbers(of: clinic.conditions.keys)
    }

    /// The first position of an equal key. Keys that differ in bytes alone may be equal as text.
    private static func numbers(of keys: [TextKey]) -> [Int32] {
        var first: [TextKey: Int32] = [:]
        return keys.indices.map { position in
            let number = first[keys[position]] ?? Int32(position)
            first[keys[position]] = number
            return number
        }
    }

    mutating func take(_ position: Int) {
        let recommendation = Int(clinic.cases.recommendation[position])
        let diagnosis = Int(clinic.recommendations.diagnosis[recommendation])
        let patient = clinic.diagnoses.patient[diagnosis]
        let herb = herbs[Int(clinic.recommendations.herb[recommendation])]
        let condition = conditions[Int(clinic.diagnoses.condition[diagnosis])]
        for (herb, condition) in [(-1, -1), (herb, -1), (-1, condition), (herb, condition)] {
            let member = Member(herb: herb, condition: condition, patient: patient)
            guard let known = newest[member] else {
                newest[member] = position
                continue
            }
            let (old, new) = (clinic.cases.createdAt[known], clinic.cases.createdAt[position])
            if (old, clinic.cases.ids[known]) < (new, clinic.cases.ids[position]) { newest[member] = position }
        }
    }

    func counts() -> [ReleasedSubject: RatingCounts] {
        var counts: [Pair: [Int]] = [:]
        for (member, position) in newest {
            let rating = Int(clinic.cases.rating[position])
            counts[
                Pair(herb: member.herb, condition: member.condition), default: [Int](repeating: 0, count: 5)][
                    rating - 1] += 1
        }
        return Dictionary(uniqueKeysWithValues: counts.map { (subject(of: $0), RatingCounts(counts: $1)) })
    }

    private func subject(of pair: Pair) -> ReleasedSubject {
        let herb = pair.herb < 0 ? nil : clinic.herbs.keys[Int(pair.herb)]
        let condition = pair.condition < 0 ? nil : clinic.conditions.keys[Int(pair.condition)]
        return switch (herb, condition) {
        case (nil, nil): .overall
        case (let herb?, nil): .herb(herb)
        case (nil, let condition?): .condition(condition)
        case (let herb?, let condition?): .treatment(herb: herb, condition: condition)
        }
    }
}
