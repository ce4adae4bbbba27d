public import Domain

/// The settings that the numbers of a run depend on.
public struct RunSettings: Equatable, Sendable, CustomStringConvertible {
    /// The zone in which days are counted.
    public var timezone: ClinicTimeZone
    /// The lowest rating that counts as a success.
    public var successRating: Rating

    /// Settings of a run; the defaults of a clinic where nothing is said.
    public init(timezone: ClinicTimeZone = .utc, successRating: Rating = .defaultSuccess) {
        self.timezone = timezone
        self.successRating = successRating
    }

    /// Reads what `description` wrote; `nil` for anything else.
    public init?(_ text: String) {
        var values: [Substring: Substring] = [:]
        for part in text.split(separator: " ") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { return nil }
            values[pair[0]] = pair[1]
        }
        guard let timezone = values["timezone"].flatMap({ ClinicTimeZone(identifier: String($0)) }),
            let successRating = values["success_rating"].flatMap({ Int($0) }).flatMap(Rating.init)
        else { return nil }
        self.init(timezone: timezone, successRating: successRating)
    }

    /// `key=value` joined by spaces.
    public var description: String { "timezone=\(timezone) success_rating=\(successRating.value)" }
}
