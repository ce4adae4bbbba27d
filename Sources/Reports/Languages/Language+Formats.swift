public import Domain
import Foundation

extension Language {
    /// The locale whose formats of numbers and dates are used.
    var locale: Locale {
        switch self {
        case .english: Locale(identifier: "en_GB")
        case .persian: Locale(identifier: "fa_IR")
        case .arabic: Locale(identifier: "ar@numbers=arab")
        }
    }

    /// The calendar in which days and months are told.
    public var calendar: ReportCalendar { self == .persian ? .persian : .gregorian }

    /// The position of the plural form that goes with a number, by Unicode's plural rules (CLDR): one, other in English; one,
    /// two, few, many, other in Arabic; Persian has one form.
    func pluralForm(of number: Int) -> Int {
        switch self {
        case .english: return number == 1 ? 0 : 1
        case .persian: return 0
        case .arabic:
            switch number {
            case 1: return 0
            case 2: return 1
            default:
                switch number % 100 {
                case 3...10: return 2
                case 11...99: return 3
                default: return 4
                }
            }
        }
    }
}
