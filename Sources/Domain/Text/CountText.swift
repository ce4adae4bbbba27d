extension Int {
    /// With commas between thousands.
    package var grouped: String {
        var groups: [String] = []
        var rest = magnitude
        while rest >= 1000 {
            groups.append(String(String(rest % 1000 + 1000).dropFirst()))
            rest /= 1000
        }
        groups.append(String(rest))
        return (self < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }

    /// The number with what it counts, in English, such as `1 row` or `1,200 rows`.
    ///
    /// - Parameter plural: by default the noun with an `s`.
    package func counted(_ noun: String, plural: String? = nil) -> String {
        "\(grouped) \(self == 1 ? noun : plural ?? noun + "s")"
    }
}
