import Domain
import Foundation
import Statistics
import TestSupport
import Testing

/// What "Released figures" promises: no set of answers becomes more than e^ε times as likely by what one patient adds,
/// removes or changes in a subject and month. Exactly from the distribution of the definition, by tests that the
/// software draws from it, and by attacks on what is released.
///
/// One long file, since it was written from the definition alone: what an attacker knows, how likely each answer is, and the
/// bounds are read together.
@Suite(.timeLimit(.minutes(30))) struct ReleaseGuaranteeTests {
    // MARK: Exactly

    @Test("one patient makes no cell more than e^ε times as likely", arguments: [500, 1000, 2000])
    func cellRatios(thousandths: Int) {
        let epsilon = Double(thousandths) / 1000
        let noise = ExactLaplace(epsilon: epsilon)
        let reach = noise.reach(leaving: 1e-13)
        let masses = (-reach - 1...reach + 1).map(noise.mass)
        func mass(_ outcome: Int, _ count: Int) -> Double { masses[outcome - count + reach + 1] }
        // Outcomes are counted from the larger of the two inputs, so that each input's noise is within ±(reach + 1).
        // All but 1e-13 of a number's noise is within ±reach, and the other three of the five numbers cancel.
        #expect(5 * 2 * noise.tail(from: reach + 1) <= 1e-12)
        let others = [3, 0, 12, 7, 40]
        var largestOfOne = 0.0
        var largestOfChange = 0.0
        for from in 0..<5 {
            var without = others
            without[from] += 1
            let more = without[from]
            for outcome in more - reach...more + reach {
                let ratio = mass(outcome, more) / mass(outcome, others[from])
                largestOfOne = max(largestOfOne, ratio, 1 / ratio)
            }
            for to in 0..<5 where to != from {
                // Rating `from` in one input, rating `to` in the other.
                let movedFrom = others[from]
                let movedTo = others[to] + 1
                for first in movedFrom - reach...movedFrom + reach {
                    let given = mass(first, more)
                    let otherwise = mass(first, movedFrom)
                    for second in movedTo - reach...movedTo + reach {
                        let ratio = given * mass(second, others[to]) / (otherwise * mass(second, movedTo))
                        largestOfChange = max(largestOfChange, ratio, 1 / ratio)
                    }
                }
            }
        }
        #expect(largestOfOne <= exp(epsilon) * (1 + 1e-9))
        #expect(largestOfChange <= exp(epsilon) * (1 + 1e-9))
        // The noise is not larger than the promise needs either.
        #expect(abs(largestOfOne - exp(epsilon / 2)) < 1e-9)
        #expect(abs(largestOfChange - exp(epsilon)) < 1e-9)
    }

    @Test(
        "one patient becomes public with a probability of 10⁻⁶ at most",
        arguments: [10, 50, 100, 250, 300, 499, 500, 501, 750, 1000, 1500, 2000, 3000, 5000, 10_000])
    func firstPatientEnters(thousandths: Int) {
        let epsilon = Double(thousandths) / 1000
        let noise = ExactLaplace(epsilon: epsilon)
        #expect(noise.tail(from: entryThreshold(epsilon) - 1) <= 1e-6)
    }

    /// What a further patient does to the entry, with what the same patient does to the cell (e^(ε/2)), is e^ε at most.
    @Test(
        "a further patient makes no entry more than e^(ε/2) times as likely or unlikely",
        arguments: [100, 500, 1000, 2000])
    func entryRatios(thousandths: Int) {
        let epsilon = Double(thousandths) / 1000
        let noise = ExactLaplace(epsilon: epsilon)
        let threshold = entryThreshold(epsilon)
        let limit = exp(epsilon / 2) * (1 + 1e-9)
        for patients in 1...2 * threshold + 50 {
            let entering = noise.tail(from: threshold - patients)
            let enteringWithOneMore = noise.tail(from: threshold - patients - 1)
            let staying = noise.tail(from: patients + 1 - threshold)
            let stayingWithOneMore = noise.tail(from: patients + 2 - threshold)
            #expect(enteringWithOneMore / entering <= limit && entering / enteringWithOneMore <= limit)
            #expect(staying / stayingWithOneMore <= limit && stayingWithOneMore / staying <= limit)
            #expect(abs(entering + staying - 1) < 1e-12)
        }
    }

    @Test("57 patients or so enter at ε = 0.5") func threshold() {
        #expect(entryThreshold(0.5) == 57)
        #expect(entryThreshold(1) == 29)
    }

    // MARK: The software's noise

    @Test("the noise of cells has the distribution of the definition", arguments: [500, 1000, 300])
    func cellNoise(thousandths: Int) throws {
        let epsilon = try #require(PrivacyLoss(thousandths: thousandths))
        let noise = ExactLaplace(epsilon: Double(thousandths) / 1000)
        let inputs: [ReleasedSubject: [Int]] = [
            .overall: [103, 0, 212, 77, 140], treatment: [0, 0, 1, 0, 0], herb: [20, 20, 20, 20, 20],
        ]
        let subjects: [ReleasedSubject] = [.overall, treatment, herb, condition]
        let reach = noise.reach(leaving: 1e-7)
        let wide = noise.reach(leaving: 1e-30)
        var all = Histogram(reach: reach)
        var byRating = [Histogram](repeating: all, count: 5)
        var sums = Histogram(reach: wide)
        var alternating = Histogram(reach: wide)
        var generator = SplitMix64(seed: 0xCE11_0000 + UInt64(thousandths))
        var month = firstMonth
        for _ in 0..<10_000 {
            let released = releasedMonth(
                month, of: inputs.mapValues { RatingCounts(counts: $0) }, after: Set(subjects), epsilon: epsilon,
                at: moment, using: &generator)
            month = month.next
            #expect(released.entries.filter { $0 != .overall }.isEmpty)
            #expect(Set(released.cells.keys) == Set(subjects))
            var sum = 0
            var difference = 0
            for (place, subject) in subjects.enumerated() {
                let output = try #require(released.cells[subject]).counts
                try #require(output.count == 5)
                for rating in 0..<5 {
                    let value = output[rating] - (inputs[subject]?[rating] ?? 0)
                    all.add(value)
                    byRating[rating].add(value)
                    sum += value
                    difference += (place + rating) % 2 == 0 ? value : -value
                }
            }
            sums.add(sum)
            alternating.add(difference)
        }
        #expect(all.chiSquare(against: noise.masses(reach: reach)) > 1e-5)
        #expect(all.symmetry > 1e-5)
        for histogram in byRating {
            #expect(histogram.chiSquare(against: noise.masses(reach: reach)) > 1e-5)
        }
        // The twenty numbers of a month are independent.
        #expect(sums.likeness(toSumsOf: 20, noise) > 1e-5)
        #expect(alternating.likeness(toSumsOf: 20, noise) > 1e-5)
    }

    @Test("noise of half the scale or shared by two ratings is refused") func refusesWrongNoise() {
        let noise = ExactLaplace(epsilon: 0.5)
        let half = ExactLaplace(epsilon: 1)
        let reach = noise.reach(leaving: 1e-7)
        var generator = SplitMix64(seed: 0xCE11_BAD0)
        var all = Histogram(reach: reach)
        for _ in 0..<10_000 { all.add(half.sample(using: &generator)) }
        #expect(all.chiSquare(against: noise.masses(reach: reach)) < 1e-5)
        let wide = noise.reach(leaving: 1e-30)
        var sums = Histogram(reach: wide)
        for _ in 0..<10_000 {
            let values = (0..<19).map { _ in noise.sample(using: &generator) }
            sums.add(values.reduce(0, +) + values[0])
        }
        #expect(sums.likeness(toSumsOf: 20, noise) < 1e-5)
    }

    // MARK: Entry and cells

    @Test("subjects enter as often as the definition's threshold says", arguments: [500, 1000])
    func entryShares(thousandths: Int) throws {
        let epsilon = try #require(PrivacyLoss(thousandths: thousandths))
        let noise = ExactLaplace(epsilon: Double(thousandths) / 1000)
        let threshold = entryThreshold(Double(thousandths) / 1000)
        var counts: [ReleasedSubject: RatingCounts] = [
            .overall: RatingCounts(counts: [100, 100, 100, 100, 100]),
            nobody: RatingCounts(counts: [0, 0, 0, 0, 0]),
            single: RatingCounts(counts: [0, 0, 0, 1, 0]),
        ]
        for (place, offset) in entryOffsets.enumerated() {
            // All patients with one rating, or spread over three.
            let patients = threshold + offset
            var numbers = [0, 0, 0, 0, 0]
            numbers[place % 5] += patients - 6
            numbers[(place + 1) % 5] += place % 2 == 0 ? 6 : 2
            numbers[(place + 3) % 5] += place % 2 == 0 ? 0 : 4
            counts[nearThreshold(place)] = RatingCounts(counts: numbers)
        }
        let middle = try #require(entryOffsets.firstIndex(of: 0))
        let inMiddle = try #require(counts[nearThreshold(middle)]).counts
        let wide = noise.reach(leaving: 1e-30)
        var entered = [Int](repeating: 0, count: entryOffsets.count)
        var singles = 0
        var sums = Histogram(reach: wide)
        var generator = SplitMix64(seed: 0xE477_0000 + UInt64(thousandths))
        for _ in 0..<entryRepetitions {
            let released = releasedMonth(
                firstMonth, of: counts, after: [.overall, condition], epsilon: epsilon, at: moment, using: &generator)
            let entries = Set(released.entries.filter { $0 != .overall })
            #expect(entries.count == released.entries.filter { $0 != .overall }.count)
            #expect(!entries.contains(nobody) && !entries.contains(condition))
            #expect(Set(released.cells.keys) == entries.union([.overall, condition]))
            if entries.contains(single) { singles += 1 }
            for place in entryOffsets.indices where entries.contains(nearThreshold(place)) { entered[place] += 1 }
            if let output = released.cells[nearThreshold(middle)] {
                sums.add(output.counts.reduce(0, +) - inMiddle.reduce(0, +))
            }
        }
        for (offset, deviation) in zip(entryOffsets, entryDeviations(entered, noise: noise)) {
            #expect(abs(deviation) <= 4.5, "threshold \(offset): \(deviation) standard errors")
        }
        // 20,000 times less than 10⁻⁶: one is already rare.
        #expect(singles <= 1)
        // The cell's noise knows nothing of the entry's.
        #expect(sums.likeness(toSumsOf: 5, noise) > 1e-5)
    }

    @Test(
        "another threshold or other noise of the entry is refused",
        arguments: [(-1, 1.0), (1, 1), (0, 0.5), (0, 0.9), (0, 1.1)])
    func refusesWrongEntry(wrong: (shift: Int, factor: Double)) {
        let noise = ExactLaplace(epsilon: 0.5)
        let used = ExactLaplace(scale: noise.scale * wrong.factor)
        var generator = SplitMix64(seed: 0xE477_BAD0)
        var entered = [Int](repeating: 0, count: entryOffsets.count)
        for _ in 0..<entryRepetitions {
            for (place, offset) in entryOffsets.enumerated()
            where offset + used.sample(using: &generator) >= wrong.shift {
                entered[place] += 1
            }
        }
        let largest = entryDeviations(entered, noise: noise).map { abs($0) }.max() ?? 0
        #expect(largest > 4.5)
    }

    /// With a generator that repeats itself the noise is often far beyond what is likely: an entry of nobody shows.
    @Test("a subject with nobody in it never enters") func nobodyNeverEnters() throws {
        let epsilon = try #require(PrivacyLoss(thousandths: 500))
        var counts: [ReleasedSubject: RatingCounts] = [.overall: RatingCounts(counts: [0, 0, 0, 0, 0])]
        for place in 0..<20 {
            counts[.herb(TextKey("herb\(place)"))] = RatingCounts(counts: [0, 0, 0, 0, 0])
            counts[.treatment(herb: TextKey("herb\(place)"), condition: TextKey("sudaa"))] =
                RatingCounts(counts: [0, 0, 0, 0, 0])
        }
        var generator = RepeatingGenerator(seed: 0x0B0D_0000)
        for _ in 0..<2000 {
            let released = releasedMonth(
                firstMonth, of: counts, after: [.overall], epsilon: epsilon, at: moment, using: &generator)
            #expect(released.entries.filter { $0 != .overall }.isEmpty)
            #expect(Set(released.cells.keys) == [.overall])
        }
    }

    @Test("overall and public subjects have a cell in months with nobody in them") func emptyMonths() throws {
        let epsilon = try #require(PrivacyLoss(thousandths: 500))
        var generator = SplitMix64(seed: 0xE3B7)
        let empty = releasedMonth(firstMonth, of: [:], after: [], epsilon: epsilon, at: moment, using: &generator)
        #expect(Set(empty.cells.keys) == [.overall])
        let subjects: Set<ReleasedSubject> = [.overall, herb, condition, treatment]
        for counts in [[:], [herb: RatingCounts(counts: [0, 0, 0, 0, 0])]] as [[ReleasedSubject: RatingCounts]] {
            let released = releasedMonth(
                firstMonth.next, of: counts, after: subjects, epsilon: epsilon, at: moment, using: &generator)
            #expect(released.entries.filter { $0 != .overall }.isEmpty)
            #expect(Set(released.cells.keys) == subjects)
            #expect(released.cells.values.allSatisfy { $0.counts.count == 5 })
        }
    }

    @Test("numbers below 0 stay in the cells") func negativeNumbers() throws {
        let epsilon = try #require(PrivacyLoss(thousandths: 500))
        var generator = SplitMix64(seed: 0x4E6)
        var below = 0
        for _ in 0..<100 {
            let released = releasedMonth(
                firstMonth, of: [:], after: [], epsilon: epsilon, at: moment, using: &generator)
            below += try #require(released.cells[.overall]).counts.filter { $0 < 0 }.count
        }
        // 500 numbers, each below 0 with a probability of 0.44.
        #expect((150...290).contains(below))
    }

    // MARK: Attacks

    /// The attacker knows all other ratings, a year long, and asks whether the last patient's one rating was 1 or 5.
    @Test("a year of releases tells an attacker ε at most", .timeLimit(.minutes(30))) func attackOfAYear() throws {
        let release = try Release.software(thousandths: 500)
        let year = try Year(thousandths: 500)
        let results = try year.attack(release, repetitions: 10_000, seed: 0xA77A_0000)
        for (attacker, result) in results {
            #expect(result.isWithin(year.epsilon), "\(attacker): \(result)")
        }
        // The best attacker learns the whole ε: the attack is as good as can be, and the noise no larger than needed.
        let best = try #require(results[.cells])
        #expect(best.forward.upperBound >= year.epsilon && best.reverse.upperBound >= year.epsilon, "\(best)")
    }

    @Test("a year without noise is refused", .timeLimit(.minutes(30))) func attackWithoutNoise() throws {
        let year = try Year(thousandths: 500)
        let results = try year.attack(.mock(cellScale: 0, entryScale: 0), repetitions: 1000, seed: 0xA77A_0001)
        for attacker in Attacker.allCases {
            let result = try #require(results[attacker])
            #expect(!result.isWithin(year.epsilon), "\(attacker): \(result)")
            #expect(result.forward.lowerBound > 4 && result.reverse.lowerBound > 4, "\(attacker): \(result)")
        }
    }

    @Test("a year with half of the noise is refused", .timeLimit(.minutes(30))) func attackWithHalfOfTheNoise() throws {
        let year = try Year(thousandths: 500)
        let results = try year.attack(.mock(cellScale: 2, entryScale: 2), repetitions: 4000, seed: 0xA77A_0002)
        for attacker in [Attacker.cells, .figures] {
            let result = try #require(results[attacker])
            #expect(!result.isWithin(year.epsilon), "\(attacker): \(result)")
            #expect(result.forward.upperBound >= 2 * year.epsilon, "\(attacker): \(result)")
        }
    }

    /// The treatment is not public yet, and the attacker asks whether the last patient was there at all.
    @Test("the month of entry tells an attacker ε at most", .timeLimit(.minutes(30))) func attackOnTheEntry() throws {
        let entry = EntryMonth(epsilon: 0.5)
        let result = entry.attack(try .software(thousandths: 500), repetitions: 40_000, seed: 0xA77A_0003)
        #expect(result.isWithin(0.5), "\(result)")
        #expect(result.forward.upperBound >= 0.5, "\(result)")
    }

    @Test("too little noise in the month of entry is refused", arguments: [(0.0, 0.0), (2, 2), (4, 0), (0, 4), (2, 4)])
    func attackOnAWrongEntry(scales: (entry: Double, cell: Double)) {
        let entry = EntryMonth(epsilon: 0.5)
        let wrong = Release.mock(cellScale: scales.cell, entryScale: scales.entry)
        let result = entry.attack(wrong, repetitions: 40_000, seed: 0xA77A_0004)
        #expect(!result.isWithin(0.5), "\(result)")
    }

    @Test(
        "exact limits of a probability",
        arguments: [
            (5, 10, 0.025, 0.18708602844739853, 0.81291397155260147), (0, 10, 0.025, 0, 0.30849710781876082),
            (10, 10, 0.025, 0.69150289218123918, 1), (1900, 5000, 0.0005, 0.35750786646915243, 0.40285663865352948),
            (3, 20_000, 0.0005, 7.4855387641839185e-6, 0.00069651074441451057),
        ])
    func clopperPearson(successes: Int, trials: Int, error: Double, low: Double, high: Double) {
        let limits = exactLimits(successes, of: trials, error: error)
        #expect(abs(limits.lowerBound - low) < 1e-10)
        #expect(abs(limits.upperBound - high) < 1e-10)
    }
}

private let firstMonth = CalendarMonth(of: day("2025-03-01"))
private let moment = Instant(microseconds: 1_750_000_000_000_000)
private let herb = ReleasedSubject.herb(TextKey("zanjabil"))
private let condition = ReleasedSubject.condition(TextKey("sudaa"))
private let treatment = ReleasedSubject.treatment(herb: TextKey("zanjabil"), condition: TextKey("sudaa"))
private let nobody = ReleasedSubject.herb(TextKey("nobody"))
private let single = ReleasedSubject.treatment(herb: TextKey("single"), condition: TextKey("sudaa"))

private let entryRepetitions = 20_000
private let entryOffsets = [-12, -4, -1, 0, 1, 4, 12]

/// 1 + ⌈ln(10⁶)/ε_e⌉ with ε_e = ε/2.
private func entryThreshold(_ epsilon: Double) -> Int {
    1 + Int((log(1e6) / (epsilon / 2)).rounded(.up))
}

private func nearThreshold(_ place: Int) -> ReleasedSubject {
    let key = TextKey("place\(place)")
    switch place % 3 {
    case 0: return .herb(key)
    case 1: return .condition(key)
    default: return .treatment(herb: key, condition: TextKey("sudaa"))
    }
}

/// How many standard errors the entries of `entryOffsets` in `entryRepetitions` are from what is to be expected.
private func entryDeviations(_ entered: [Int], noise: ExactLaplace) -> [Double] {
    zip(entryOffsets, entered).map { offset, entered in
        let probability = noise.tail(from: -offset)
        let expected = probability * Double(entryRepetitions)
        return (Double(entered) - expected) / (expected * (1 - probability)).squareRoot()
    }
}

/// Repeats a few random words for a while, then others: what a sampler does once it does again and again.
private struct RepeatingGenerator: RandomNumberGenerator {
    private var base: SplitMix64
    private var words: [UInt64] = []
    private var position = 0

    init(seed: UInt64) {
        base = SplitMix64(seed: seed)
    }

    mutating func next() -> UInt64 {
        if words.isEmpty || base.next() % 64 == 0 {
            words = (0...base.next() % 10).map { _ in base.next() }
            position = 0
        }
        position = (position + 1) % words.count
        return words[position]
    }
}

/// What is released of the treatment in a month.
private struct Release {
    let publish: (CalendarMonth, [Int], Bool, inout SplitMix64) -> [Int]?

    /// The software's. Overall is released beside it and not looked at.
    static func software(thousandths: Int) throws -> Release {
        let epsilon = try #require(PrivacyLoss(thousandths: thousandths))
        return Release { month, counts, isPublic, generator in
            let patients = RatingCounts(counts: counts)
            let released = releasedMonth(
                month, of: [.overall: patients, treatment: patients],
                after: isPublic ? [.overall, treatment] : [.overall],
                epsilon: epsilon, at: moment, using: &generator)
            return released.cells[treatment]?.counts
        }
    }

    /// Another one, for ε = 0.5 wherever the two scales are 4.
    static func mock(cellScale: Double, entryScale: Double) -> Release {
        func noise(_ scale: Double, _ generator: inout SplitMix64) -> Int {
            scale == 0 ? 0 : ExactLaplace(scale: scale).sample(using: &generator)
        }
        return Release { _, counts, isPublic, generator in
            let patients = counts.reduce(0, +)
            if !isPublic && (patients == 0 || patients + noise(entryScale, &generator) < entryThreshold(0.5)) {
                return nil
            }
            return counts.map { $0 + noise(cellScale, &generator) }
        }
    }
}

private enum Attacker: CaseIterable {
    /// Sees the cells: the log likelihood ratio of all of them.
    case cells
    /// Sees figures alone, works the cell of the month out of them, and takes the same ratio of that.
    case figures
    /// Sees figures alone, and takes what the sums over all months grew by: those with 5 less those with 1 or 2.
    case sums
}

/// Twelve months of a treatment in which one patient's one rating is all that the attacker does not know.
private struct Year {
    let epsilon: Double
    private let loss: PrivacyLoss
    private let successRatings: [Rating]
    private let month = 4
    private let others = [
        [9, 7, 12, 15, 19], [4, 11, 9, 20, 14], [12, 6, 8, 13, 21], [7, 7, 10, 9, 30], [10, 5, 11, 16, 23],
        [3, 9, 14, 12, 17], [8, 8, 8, 20, 28], [15, 4, 6, 11, 9], [6, 10, 13, 18, 22], [2, 3, 11, 25, 31],
        [9, 9, 9, 9, 9], [11, 2, 7, 21, 16],
    ]

    init(thousandths: Int) throws {
        epsilon = Double(thousandths) / 1000
        loss = try #require(PrivacyLoss(thousandths: thousandths))
        successRatings = try [3, 4, 5].map { try #require(Rating($0)) }
    }

    func attack(_ release: Release, repetitions: Int, seed: UInt64) throws -> [Attacker: AttackResult] {
        var generator = SplitMix64(seed: seed)
        var withOne: [[Double]] = []
        var withFive: [[Double]] = []
        for _ in 0..<repetitions {
            withOne.append(try statistics(rating: 1, release, &generator))
            withFive.append(try statistics(rating: 5, release, &generator))
        }
        var results: [Attacker: AttackResult] = [:]
        for (place, attacker) in Attacker.allCases.enumerated() {
            results[attacker] = AttackResult(withFive.map { $0[place] }, against: withOne.map { $0[place] })
        }
        return results
    }

    /// One year, and what the attackers make of it, in the order of `Attacker.allCases`.
    private func statistics(rating: Int, _ release: Release, _ generator: inout SplitMix64) throws -> [Double] {
        var cells: [(counts: RatingCounts, epsilon: PrivacyLoss)] = []
        var readings: [Reading] = []
        var ratio = 0.0
        var calendarMonth = firstMonth
        for (place, known) in others.enumerated() {
            var counts = known
            if place == month { counts[rating - 1] += 1 }
            let cell = try #require(release.publish(calendarMonth, counts, true, &generator))
            calendarMonth = calendarMonth.next
            if place == month { ratio += logLikelihoodRatio(cell) }
            cells.append((RatingCounts(counts: cell), loss))
            readings.append(Reading(cells, successRatings))
        }
        var worked = 0.0
        var grown = 0.0
        let now = readings[month].all
        let before = readings[month - 1].all
        if let cell = readings[month].last.cell {
            worked = logLikelihoodRatio(cell)
        } else if let now = now.cell, let before = before.cell {
            worked = logLikelihoodRatio(zip(now, before).map { $0 - $1 })
        } else if let now = readings[month].lastThree.cell, let one = readings[month - 1].last.cell,
            let two = readings[month - 2].last.cell
        {
            worked = logLikelihoodRatio((0..<5).map { now[$0] - one[$0] - two[$0] })
        }
        if let now = now.sums, let before = before.sums {
            let known = others[month]
            let five = now.successes[2] - before.successes[2] - known[4]
            let oneOrTwo =
                (now.patients - now.successes[0]) - (before.patients - before.successes[0]) - known[0] - known[1]
            grown = Double(five - oneOrTwo)
        }
        return [ratio, worked, grown]
    }

    /// ln(P(cell | 5)/P(cell | 1)) from P(x) ∝ exp(-|x|·ε/2); the cells of other months have a ratio of 1.
    private func logLikelihoodRatio(_ cell: [Int]) -> Double {
        let known = others[month]
        let one = abs(cell[0] - known[0] - 1) - abs(cell[0] - known[0])
        let five = abs(cell[4] - known[4]) - abs(cell[4] - known[4] - 1)
        return Double(one + five) * epsilon / 2
    }
}

/// All figures that can be read after a month: three windows, success ratings of 3, 4 and 5, minimums of 1 and 50.
private struct Reading {
    let last: WindowReading
    let lastThree: WindowReading
    let all: WindowReading

    init(_ cells: [(counts: RatingCounts, epsilon: PrivacyLoss)], _ successRatings: [Rating]) {
        last = WindowReading(Array(cells.suffix(1)), successRatings)
        lastThree = WindowReading(Array(cells.suffix(3)), successRatings)
        all = WindowReading(cells, successRatings)
    }
}

private struct WindowReading {
    /// The sums as far as they are shown with any of the minimums; successes with 3, 4 and 5.
    let sums: (patients: Int, successes: [Int])?
    /// The five numbers that explain the figures where nothing was limited.
    let cell: [Int]?

    init(_ cells: [(counts: RatingCounts, epsilon: PrivacyLoss)], _ successRatings: [Rating]) {
        let figures = [1, 50].map { minimum in
            successRatings.compactMap { ReleasedFigure(of: cells, successRating: $0, minimum: minimum) }
        }
        guard let shown = figures.first(where: { $0.count == 3 }) else {
            sums = nil
            cell = nil
            return
        }
        let patients = shown[0].patients
        let successes = shown.map(\.successes)
        sums = (patients, successes)
        let three = successes[0] - successes[1]
        let four = successes[1] - successes[2]
        let five = successes[2]
        let ratings = Int((shown[0].meanRating * Double(patients)).rounded())
        let oneOrTwo = patients - successes[0]
        let ratingsOfOneOrTwo = ratings - 3 * three - 4 * four - 5 * five
        let two = ratingsOfOneOrTwo - oneOrTwo
        cell = [oneOrTwo - two, two, three, four, five]
    }
}

/// A treatment at the threshold of its entry, with or without one patient more, and nothing of it public yet.
private struct EntryMonth {
    let epsilon: Double

    func attack(_ release: Release, repetitions: Int, seed: UInt64) -> AttackResult {
        var generator = SplitMix64(seed: seed)
        var without: [Double] = []
        var with: [Double] = []
        for _ in 0..<repetitions {
            without.append(statistic(isThere: false, release, &generator))
            with.append(statistic(isThere: true, release, &generator))
        }
        return AttackResult(with, against: without)
    }

    /// The log likelihood ratio of whether the treatment entered and of its cell if it did.
    private func statistic(isThere: Bool, _ release: Release, _ generator: inout SplitMix64) -> Double {
        let noise = ExactLaplace(epsilon: epsilon)
        let patients = entryThreshold(epsilon) - 1
        let known = [10, 5, 8, 13, patients - 36]
        var counts = known
        if isThere { counts[4] += 1 }
        guard let cell = release.publish(firstMonth, counts, false, &generator) else {
            return log(noise.tail(from: 1) / noise.tail(from: 0))
        }
        let entry = log(noise.tail(from: 0) / noise.tail(from: 1))
        return entry + Double(abs(cell[4] - known[4]) - abs(cell[4] - known[4] - 1)) * epsilon / 2
    }
}

/// What an attacker learned: limits of ln(P1(T >= t)/P0(T >= t)), and of the same for the other side of a statistic T.
///
/// t is chosen by the first half of the repetitions, the limits are from the second. Each of the two shares of an event
/// has a limit that is wrong once in 2000 times, so that the lower limit of the ratio is too high once in 1000 at most.
private struct AttackResult: CustomStringConvertible {
    let forward: ClosedRange<Double>
    let reverse: ClosedRange<Double>

    init(_ likely: [Double], against unlikely: [Double]) {
        forward = Self.limits(likely, unlikely)
        reverse = Self.limits(unlikely.map { -$0 }, likely.map { -$0 })
    }

    func isWithin(_ epsilon: Double) -> Bool {
        forward.lowerBound <= epsilon && reverse.lowerBound <= epsilon
    }

    var description: String {
        "ln(P1/P0) in \(forward), ln(P0/P1) in \(reverse)"
    }

    private static func limits(_ likely: [Double], _ unlikely: [Double]) -> ClosedRange<Double> {
        let half = likely.count / 2
        let trainedLikely = likely[..<half].sorted()
        let trainedUnlikely = unlikely[..<half].sorted()
        var best = (score: -Double.infinity, threshold: 0.0)
        var position = 0
        var otherPosition = 0
        while position < half {
            let threshold = trainedLikely[position]
            while otherPosition < half && trainedUnlikely[otherPosition] < threshold - 1e-9 { otherPosition += 1 }
            let hits = Double(half - position) + 0.5
            let falseHits = Double(half - otherPosition) + 0.5
            let score = log(hits / falseHits) - 3.3 * (1 / hits + 1 / falseHits).squareRoot()
            if score > best.score { best = (score, threshold) }
            while position < half && trainedLikely[position] < threshold + 1e-9 { position += 1 }
        }
        // Ratios are sums of halves of ε: the threshold lies between two of them, whatever their rounding.
        let threshold = best.threshold - 1e-9
        let rest = likely.count - half
        let hits = exactLimits(likely[half...].count { $0 >= threshold }, of: rest, error: 0.0005)
        let falseHits = exactLimits(unlikely[half...].count { $0 >= threshold }, of: rest, error: 0.0005)
        return log(hits.lowerBound / falseHits.upperBound)...log(hits.upperBound / falseHits.lowerBound)
    }
}
