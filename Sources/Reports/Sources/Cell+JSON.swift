import Domain

extension Cell {
    /// The value as JSON: `null`, a string, a number with `places` decimals for measures, a boolean, or an array of two
    /// numbers.
    func json(places: Int) -> String {
        switch self {
        case .empty: "null"
        case .text(let text): text.json
        case .joined: plainText(places: places).json
        case .integer, .decimal, .boolean: plainText(places: places)
        case .trend, .day, .month: plainText(places: places).json
        case .interval(let ends):
            "[\(fixedPoint(ends.lowerBound, places: places)), \(fixedPoint(ends.upperBound, places: places))]"
        }
    }

    /// A row as the members of a JSON object, without the braces around them.
    ///
    /// - Parameter places: decimals of measures, 0…9; `JSON` would write as many as a number needs.
    public static func jsonMembers(_ row: some Sequence<(name: String, cell: Cell)>, places: Int) -> String {
        row.map { "\($0.name.json): \($0.cell.json(places: places))" }.joined(separator: ", ")
    }
}
