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
}
