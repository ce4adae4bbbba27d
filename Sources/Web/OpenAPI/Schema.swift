import Domain
import Foundation

/// What a JSON value may be: what requests are checked by, and what the OpenAPI document says.
indirect enum Schema: Sendable {
    case boolean
    case integer(ClosedRange<Int64>?)
    case number(ClosedRange<Double>?)
    case text(TextRule)
    case word([String])
    case array(of: Schema, atLeast: Int, atMost: Int?)
    case object([Property])
    /// This or `null`.
    case optional(Schema)
    case any(of: [Schema])
    /// An object that may have further members.
    case openObject([Property])
    /// One value.
    case constant(JSON)
    /// A schema that the document has a name for.
    case named(String, Schema)
    /// With what it means.
    case described(String, Schema)

    /// A member of an object.
    struct Property: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool

        init(_ name: String, _ schema: Schema, required: Bool = true, _ description: String? = nil) {
            self.name = name
            self.schema = description.map { .described($0, schema) } ?? schema
            isRequired = required
        }
    }

    /// What a text may be.
    struct TextRule: Sendable {
        var longest: Int?
        /// `date-time`, `date` and the like.
        var format: String?
        /// As a regular expression, with the function that knows the same.
        var pattern: (expression: String, what: String, matches: @Sendable (String) -> Bool)?
    }

    /// An object with any members.
    static let anyObject = Schema.openObject([])
    static let integer = Schema.integer(nil)
    static let number = Schema.number(nil)
    static let text = Schema.text(TextRule())
    static func array(of schema: Schema) -> Schema { .array(of: schema, atLeast: 0, atMost: nil) }
    static func text(longest: Int) -> Schema { .text(TextRule(longest: longest)) }

    /// The number of a record.
    static let id = Schema.integer(1...PatientID.largest)
    /// The number that a sender has for a record of theirs: one that every language can count to.
    static let sendersID = Schema.integer(1...9_007_199_254_740_991)
    /// A point in time.
    static let instant = Schema.text(TextRule(format: "date-time"))
    /// A day of the clinic.
    static let day = Schema.text(TextRule(format: "date"))
    /// 0…1.
    static let share = Schema.number(0...1)
    static let count = Schema.integer(0...Int64.max)
    /// The epoch of an outbox.
    static let epoch = Schema.text(
        TextRule(
            pattern: (
                expression: "^[0-9a-f]{16}$", what: "16 hexadecimal digits in lower case",
                matches: { OutboxEpoch($0) != nil }
            )))

    /// By which a request is known when it is sent again, such as a UUID.
    static let idempotencyKey = Schema.text(
        TextRule(
            pattern: (
                "^[A-Za-z0-9._:~-]{1,200}$", "1 to 200 of letters, digits and . _ : ~ -",
                { key in
                    (1...200).contains(key.utf8.count)
                        && key.utf8.allSatisfy {
                            ($0 < 128 && Character(.init($0)).isLetter) || (48...57).contains($0)
                                || "._:~-".utf8.contains($0)
                        }
                }
            )))

    /// Text of several lines, without other control characters and noncharacters.
    static func plainText(longest: Int) -> Schema {
        .text(
            TextRule(
                longest: longest,
                pattern: (
                    #"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFDD0-\uFDEF\uFFFE\uFFFF]*$"#,
                    "text without control characters and noncharacters", { $0.forbiddenInComment == nil }
                )))
    }

    private static let forbiddenInNames = #"\u0000-\u0008\u000B-\u001F\u007F-\u009F\uFDD0-\uFDEF\uFFFE\uFFFF"#
    private static let ignoredInNames =
        #"\s\u00AD\u034F\u061C\u0640\u064B-\u065F\u0670\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF"#

    /// A name that has something to compare by.
    static func name(longest: Int) -> Schema {
        .text(
            TextRule(
                longest: longest,
                pattern: (
                    "^[^\(forbiddenInNames)]*[^\(ignoredInNames)\(forbiddenInNames)][^\(forbiddenInNames)]*$",
                    "a name with a letter, without control characters and noncharacters",
                    { $0.forbiddenInName == nil && TextKey.hasContent($0) }
                )))
    }

    /// A list of names, as entries or as the only entry, in which `;` separates them.
    static func names(atMost most: Int, longest: Int) -> Schema {
        let (forbidden, ignored) = (forbiddenInNames + ";", ignoredInNames)
        let single = Schema.text(
            TextRule(
                longest: longest,
                pattern: (
                    "^[^\(forbidden)]*[^\(ignored)\(forbidden)][^\(forbidden)]*$",
                    "a name with a letter, without ';', control characters and noncharacters",
                    { $0.forbiddenInName == nil && !$0.contains(";") && TextKey.hasContent($0) }
                )))
        let part = "[^\(forbidden)]{0,\(longest)}"
        let joined = Schema.text(
            TextRule(
                longest: most * (longest + 1),
                pattern: (
                    "^(?=[\\s\\S]*[^\(ignored);])(\(part);){0,\(most - 1)}\(part)$",
                    "names of at most \(longest) characters, joined by ';'",
                    { text in
                        let parts = text.unicodeScalars.split(separator: ";", omittingEmptySubsequences: false)
                        return text.forbiddenInName == nil && parts.count <= most
                            && parts.allSatisfy { $0.count <= longest }
                            && parts.contains { TextKey.hasContent(String($0)) }
                    }
                )))
        return .any(of: [
            .array(of: single, atLeast: 0, atMost: most), .array(of: joined, atLeast: 1, atMost: 1),
        ])
    }
}
