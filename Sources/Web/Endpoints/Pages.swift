import Domain
import Store

// Lists that come in pages, each with the cursor of the next.

extension Parameter {
    /// The parameters of a list in pages.
    static func page(_ standard: Int, atMost: Int64 = 200) -> [Parameter] {
        [
            .query("limit", .integer(1...atMost), "The most entries of a page.", standard: JSON(standard)),
            .query("cursor", .cursor, "The next_cursor of the page before."),
        ]
    }
}

extension Schema {
    /// Where a page goes on; nothing that clients need understand.
    static let cursor = Schema.text(
        TextRule(
            pattern: (
                "^[0-9]{1,18}$", "a cursor of an earlier page",
                { (1...18).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) } }
            )))

    /// A page of a list.
    static func page(_ name: String, of entry: Schema, _ further: [Property] = []) -> Schema {
        .object(
            further + [
                Property(name, .array(of: entry)),
                Property("next_cursor", .optional(.cursor), "For the next page; null on the last."),
            ])
    }
}

extension Call {
    var limit: Int { integer("limit") }
    /// Where the page before ended; `nil` for the first.
    var cursor: Int64? { text("cursor").flatMap { Int64($0) } }
}

extension JSON {
    /// A page of a list.
    ///
    /// - Parameters:
    ///   - entries: the entries of the page and, where there are more, the first of the next.
    ///   - id: by which the list is ordered.
    static func page<Entry>(
        _ name: String, _ entries: [Entry], _ call: Call, id: (Entry) -> Int64, _ json: (Entry) -> JSON
    ) -> JSON {
        let shown = entries.prefix(call.limit)
        let next = entries.count > call.limit ? shown.last.map { JSON.text(String(id($0))) } : nil
        return .object([
            Member(name: name, value: JSON(shown.map(json))), Member(name: "next_cursor", value: next ?? .null),
        ])
    }
}
