import Foundation

/// Instants as HTTP writes them, after RFC 9110.
enum HTTPDate {
    /// The present instant, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    static var now: String { text(of: time(nil)) }

    /// - Parameter seconds: since 1970, in UTC.
    static func text(of seconds: time_t) -> String {
        var (seconds, parts) = (seconds, tm())
        gmtime_r(&seconds, &parts)
        return String(unsafeUninitializedCapacity: 32) { text in
            text.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, "%a, %d %b %Y %T GMT", &parts) }
        }
    }
}
