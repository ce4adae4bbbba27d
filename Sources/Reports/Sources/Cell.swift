public import Domain

/// One value of a table.
public enum Cell: Equatable, Sendable {
    /// Nothing is known.
    case empty
    /// Words, such as a name.
    case text(String)
    /// A treatment or, with a mizaj, a cohort: the names that it consists of, as displayed.
    case joined(mizaj: Mizaj?, names: [String])
    /// A count or number of a record.
    case integer(Int64)
    /// A measure.
    case decimal(Double)
    /// Yes or no.
    case boolean(Bool)
    /// The two ends of an interval.
    case interval(ClosedRange<Double>)
    /// Which way a subject moves; whether that is significant, where it was tested.
    case trend(Direction, isSignificant: Bool)
    /// A day.
    case day(Day)
    /// A month.
    case month(Month)

    init(_ number: Int32) { self = .integer(Int64(number)) }

    /// A count, or nothing.
    public init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .empty }

    /// A measure, or nothing.
    public init(_ number: Double?) { self = number.map { .decimal($0) } ?? .empty }

    /// A text, or nothing.
    public init(_ text: String?) { self = text.map { .text($0) } ?? .empty }

    /// The value in a form that programs read: a point in decimals, no grouping; `places` decimals for measures.
    public func plainText(places: Int) -> String {
        switch self {
        case .empty: ""
        case .text(let text): text
        case .joined(let mizaj, let names): Subject.joined((mizaj.map { [$0.rawValue] } ?? []) + names)
        case .integer(let number): String(number)
        case .decimal(let number): fixedPoint(number, places: places)
        case .boolean(let value): value ? "true" : "false"
        case .interval(let ends):
            "\(fixedPoint(ends.lowerBound, places: places))–\(fixedPoint(ends.upperBound, places: places))"
        case .trend(let direction, _): direction.rawValue
        case .day(let day): day.description
        case .month(let month): month.description
        }
    }

    /// Orders values of one column: what is empty comes last, whatever the direction.
    func precedes(_ other: Cell, descending: Bool) -> Bool? {
        switch (self, other) {
        case (.empty, .empty): return nil
        case (.empty, _): return false
        case (_, .empty): return true
        default: break
        }
        guard let isLess = isLess(than: other), let isGreater = other.isLess(than: self), isLess != isGreater else {
            return nil
        }
        return descending ? isGreater : isLess
    }

    private func isLess(than other: Cell) -> Bool? {
        switch (self, other) {
        case (.text(let left), .text(let right)): left < right
        case (.text, .joined), (.joined, .text), (.joined, .joined): plainText(places: 0) < other.plainText(places: 0)
        case (.integer(let left), .integer(let right)): left < right
        case (.decimal(let left), .decimal(let right)): left < right
        case (.boolean(let left), .boolean(let right)): !left && right
        case (.interval(let left), .interval(let right)): left.lowerBound < right.lowerBound
        case (.trend(let left, _), .trend(let right, _)): left.rawValue < right.rawValue
        case (.day(let left), .day(let right)): left < right
        case (.month(let left), .month(let right)): left < right
        default: nil
        }
    }
}

/// A number with a fixed number of decimals, 0…9, such as `0.661290323`; never `-0.000`.
func fixedPoint(_ number: Double, places: Int) -> String {
    var scale: Int64 = 1
    for _ in 0..<places { scale *= 10 }
    guard abs(number) * Double(scale) < 9e18 else { return String(number) }
    let scaled = Int64((number * Double(scale)).rounded())
    let whole = scaled.magnitude / UInt64(scale)
    let fraction = scaled.magnitude % UInt64(scale)
    let sign = scaled < 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(whole)" }
    let digits = String(fraction)
    return "\(sign)\(whole).\(String(repeating: "0", count: places - digits.count))\(digits)"
}

extension Cell {
    /// The cell with its text changed.
    func mapText(_ change: (String) -> String) -> Cell {
        switch self {
        case .text(let text): .text(change(text))
        case .joined(let mizaj, let names): .joined(mizaj: mizaj, names: names.map(change))
        default: self
        }
    }
}
