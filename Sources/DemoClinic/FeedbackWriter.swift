import Domain
import Foundation

/// Writes the feedback of recommendations, spread over them by chance, so many in all.
struct FeedbackWriter {
    let file: RecordFile
    private var remaining: Int
    private var remainingRecommendations: Int
    /// Seconds at which the last day ends.
    private let end: Int64
    private var number = 0

    init(file: RecordFile, remaining: Int, remainingRecommendations: Int, end: Int64) {
        self.file = file
        self.remaining = remaining
        self.remainingRecommendations = remainingRecommendations
        self.end = end
    }

    mutating func write(
        on recommendation: Int, herb: Int, condition: Int, mizaj: Mizaj, recommendedAt: Instant,
        _ chance: inout SeededGenerator
    ) throws {
        let mean = Double(remaining) / Double(remainingRecommendations)
        let isLast = remainingRecommendations == 1
        let count = isLast ? remaining : min(remaining, chance.count(exponential: exp(-mean)))
        remaining -= count
        remainingRecommendations -= 1
        for _ in 0..<count {
            number += 1
            let givenAt = instant(after: recommendedAt, &chance)
            let daysToEnd = Int((end - 1 - givenAt.seconds) / 86_400)
            let rate = Pharmacopoeia.successRate(
                herb: herb, condition: condition, mizaj: mizaj, daysToEnd: daysToEnd)
            try write(on: recommendation, isSuccess: chance.chance(rate), givenAt: givenAt, &chance)
        }
    }

    /// One to nine weeks later, or by the end of the last day.
    private func instant(after recommendedAt: Instant, _ chance: inout SeededGenerator) -> Instant {
        let delay = Int64(7 + chance.below(28) + chance.below(28)) * 86_400 + Int64(chance.below(36_000))
        let givenAt = recommendedAt.seconds + delay
        if givenAt < end { return Instant(seconds: givenAt) }
        return Instant(seconds: recommendedAt.seconds + Int64(chance.below(Int(end - recommendedAt.seconds))))
    }

    private func write(
        on recommendation: Int, isSuccess: Bool, givenAt: Instant, _ chance: inout SeededGenerator
    ) throws {
        let rating = isSuccess ? (chance.chance(0.45) ? 5 : 4) : 1 + min(2, chance.below(4))
        file.field(number)
        file.field(recommendation)
        file.field(rating)
        if chance.chance(0.8) { file.field(min(5, max(1, rating - 1 + chance.below(3)))) } else { file.field() }
        if chance.chance(0.85) {
            file.field(hundredths: min(100, 35 + chance.below(50) + chance.below(30)))
        } else {
            file.field()
        }
        let hasSideEffects = chance.chance(isSuccess ? 0.06 : 0.18)
        file.field(hasSideEffects ? [Pharmacopoeia.sideEffects[chance.below(Pharmacopoeia.sideEffects.count)]] : [])
        file.field(chance.chance(0.08) ? Pharmacopoeia.comments[chance.below(Pharmacopoeia.comments.count)] : "")
        file.field(givenAt)
        let withdrawnAt = givenAt.seconds + Int64(3600 + chance.below(5 * 86_400))
        if chance.chance(0.01), withdrawnAt < end {
            file.field(Instant(seconds: withdrawnAt))
        } else {
            file.field()
        }
        try file.endRecord()
    }
}
