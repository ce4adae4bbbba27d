import Domain
import Foundation

/// Writes cells as people of a language read them, by Foundation's locale data.
///
/// Formatting is slow and values repeat, so that what was formatted is remembered, up to a bound.
final class CellFormatter {
    let catalogue: Catalogue
    private let locale: Locale
    private let calendar: Calendar
    private var remembered: [Key: String] = [:]

    private struct Key: Hashable {
        let form: Form
        let scaled: Int64
    }

    private enum Form: Hashable {
        case whole
        case plain
        case fraction(places: Int)
        case percent(places: Int)
        case signed
        case day
        case longDay
        case month
    }

    private static let mostRemembered = 20_000

    init(_ language: Language) {
        catalogue = .of(language)
        locale = language.locale
        var calendar = language.calendar.calendar
        calendar.locale = locale
        self.calendar = calendar
    }

    // MARK: Cells

    /// A cell of a column of a kind; empty for what is not known.
    func text(_ cell: Cell, _ kind: ColumnKind) -> String {
        switch cell {
        case .empty: return ""
        case .text(let text):
            if case .word(let words) = kind { return catalogue.word(text, of: words) }
            if kind == .list { return text.listParts.joinedInOrder(by: catalogue.text(.listSeparator)) }
            return text
        case .joined(let mizaj, let names):
            let temperament = mizaj.map { [catalogue.word($0.rawValue, of: .mizaj)] } ?? []
            return (temperament + names).joinedInOrder()
        case .integer(let number): return kind == .record ? record(number) : count(number)
        case .decimal(let number): return measure(number, kind)
        case .boolean(let value): return catalogue.word(value ? "true" : "false", of: .truth)
        case .interval(let ends): return interval(ends, kind)
        case .trend(let direction, _): return catalogue.word(direction.rawValue, of: .direction)
        case .day(let day): return self.day(day)
        case .month(let month): return self.month(month)
        }
    }

    private func measure(_ number: Double, _ kind: ColumnKind) -> String {
        switch kind {
        case .share: percent(number)
        case .points: points(number)
        case .rating: fraction(number, places: 2)
        case .probability: probability(number)
        case .seconds: fraction(number, places: 2)
        default: fraction(number, places: 2)
        }
    }

    /// Both ends of an interval.
    func interval(_ ends: ClosedRange<Double>, _ kind: ColumnKind) -> String {
        // Else small and narrow ones would end where they begin.
        let places = ends.upperBound < 0.1 || ends.upperBound - ends.lowerBound < 0.05 ? 1 : 0
        func end(_ number: Double) -> String {
            kind == .interval(of: .rating) ? fraction(number, places: 2) : percent(number, places: places)
        }
        return catalogue.text(.interval, ["low": end(ends.lowerBound), "high": end(ends.upperBound)])
    }

    // MARK: Numbers

    /// A count, with thousands grouped.
    func count(_ number: Int64) -> String {
        remember(.whole, number) { number.formatted(.number.locale(locale)) }
    }

    /// A count, with thousands grouped.
    func count(_ number: Int) -> String { count(Int64(number)) }

    /// The number of a record, without groups.
    func record(_ number: Int64) -> String {
        remember(.plain, number) { number.formatted(.number.locale(locale).grouping(.never)) }
    }

    /// A number with a fixed number of decimals, half rounded away from zero as in all of the project's output.
    func fraction(_ number: Double, places: Int) -> String {
        rounded(number, places, .fraction(places: places)) {
            $0.formatted(.number.locale(locale).precision(.fractionLength(places)))
        }
    }

    /// A p-value or q-value; one that three decimals cannot tell from 0 is said to be below the least they can tell.
    func probability(_ number: Double) -> String {
        let least = 0.001
        return number < least ? "<\u{A0}" + fraction(least, places: 3) : fraction(number, places: 3)
    }

    /// A share, 0…1, as percent.
    func percent(_ share: Double, places: Int = 1) -> String {
        rounded(share, places + 2, .percent(places: places)) {
            let text = $0.formatted(.percent.locale(locale).precision(.fractionLength(places)))
            // Between Persian words the sign stands to the left of the digits; the mark makes it so without words, too.
            return catalogue.language == .persian ? "\u{061C}" + text : text
        }
    }

    /// A difference of shares, −1…1, in signed percentage points.
    func points(_ difference: Double) -> String {
        catalogue.text(.points, ["number": signed(difference * 100)])
    }

    /// A number with its sign and one decimal.
    func signed(_ number: Double) -> String {
        rounded(number, 1, .signed) {
            $0.formatted(
                .number.locale(locale).precision(.fractionLength(1)).sign(strategy: .always(includingZero: false)))
        }
    }

    // MARK: Days

    /// A day in digits, such as `2026-10-20`.
    func day(_ day: Day) -> String {
        remember(.day, Int64(day.daysSinceEpoch)) {
            let date = calendar.dateComponents([.year, .month, .day], from: day.noon)
            let parts = [(date.year ?? 0, 4), (date.month ?? 0, 2), (date.day ?? 0, 2)].map { number, width in
                number.formatted(.number.locale(locale).grouping(.never).precision(.integerLength(width...)))
            }
            return parts.joined(separator: catalogue.language.isRightToLeft ? "/" : "-")
        }
    }

    /// A day with the name of its month, such as `20 October 2026`.
    func longDay(_ day: Day) -> String {
        remember(.longDay, Int64(day.daysSinceEpoch)) {
            day.noon.formatted(style.year().month(.wide).day())
        }
    }

    /// A month with its name, such as `Oct 2026`.
    func month(_ month: Month) -> String {
        remember(.month, Int64(month.year * 12 + month.number)) {
            month.start.formatted(style.year().month(.abbreviated))
        }
    }

    private var style: Date.FormatStyle { Date.FormatStyle(locale: locale, calendar: calendar, timeZone: .gmt) }

    // MARK: Memory

    private func rounded(_ number: Double, _ places: Int, _ form: Form, _ format: (Double) -> String) -> String {
        let scale = pow(10, Double(places))
        let units = (number * scale).rounded()
        guard abs(units) < 9e17 else { return format(number) }
        return remember(form, Int64(units)) { format(units / scale) }
    }

    private func remember(_ form: Form, _ scaled: Int64, _ format: () -> String) -> String {
        let key = Key(form: form, scaled: scaled)
        if let text = remembered[key] { return text }
        if remembered.count >= Self.mostRemembered { remembered.removeAll(keepingCapacity: true) }
        let text = format()
        remembered[key] = text
        return text
    }
}
