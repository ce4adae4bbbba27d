import Domain
import Foundation

/// An age in whole years, as reviews give it: a number, a band such as `25-34`, or an open one such as `75 or over`.
///
/// It is an interval of ages, and so of birth years: somebody who is 34 on a day was born 34 or 35 calendar years before.
struct AgeBand: Equatable {
    /// Ages that it may be.
    let ages: ClosedRange<Int>
    /// The age that represents the band: its middle rounded down, or the end of an open one.
    let years: Int

    private static let possible = 0...120
    private static let dashes: Set<Character> = ["-", "–", "—", "‐", "‑", "−"]

    /// Reads an age with ASCII digits; `nil` for anything else.
    init?(_ text: String) {
        let text = text.lowercased().trimmingSpaces
        func whole(_ text: some StringProtocol) -> Int? {
            let parts = text.trimmingSpaces.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count <= 2, parts.count == 1 || !parts[1].isEmpty && parts[1].allSatisfy({ $0 == "0" }) else {
                return nil
            }
            guard let number = Int(parts[0]), Self.possible.contains(number) else { return nil }
            return number
        }
        if let age = whole(text) {
            self.init(age...age, years: age)
            return
        }
        var ends = text.split(maxSplits: 1, omittingEmptySubsequences: false) { Self.dashes.contains($0) }.map(
            String.init)
        if ends.count == 1 { ends = text.components(of: " to ") }
        if ends.count == 2, let low = whole(ends[0]), let high = whole(ends[1]), low <= high {
            self.init(low...high, years: (low + high) / 2)
            return
        }
        for (prefix, offset) in [(">=", 0), ("≥", 0), (">", 1), ("over ", 1)] {
            guard text.hasPrefix(prefix), let age = whole(text.dropFirst(prefix.count)), age + offset <= 120 else {
                continue
            }
            self.init(age + offset...120, years: age + offset)
            return
        }
        for (prefix, offset) in [("<=", 0), ("≤", 0), ("<", 1), ("under ", 1)] {
            guard text.hasPrefix(prefix), let age = whole(text.dropFirst(prefix.count)), age - offset >= 0 else {
                continue
            }
            self.init(0...age - offset, years: (age - offset) / 2)
            return
        }
        for suffix in ["+", " or over", " and over", " or older", " and older", " or above", " and above"] {
            guard text.hasSuffix(suffix), let age = whole(text.dropLast(suffix.count)) else { continue }
            self.init(age...120, years: age)
            return
        }
        return nil
    }

    private init(_ ages: ClosedRange<Int>, years: Int) {
        self.ages = ages
        self.years = years
    }

    /// The calendar years in which somebody can be born who has such an age in a year.
    func birthYears(in year: Int) -> ClosedRange<Int> {
        year - ages.upperBound - 1...year - ages.lowerBound
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: String { String(self).withoutOuterWhitespace }

    fileprivate func components(of separator: String) -> [String] {
        guard let range = range(of: separator) else { return [String(self)] }
        return [String(self[..<range.lowerBound]), String(self[range.upperBound...])]
    }
}
