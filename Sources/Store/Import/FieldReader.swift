import Domain

/// What is wrong with a field of a record.
struct FieldProblem: Error {
    var column: String
    var reason: String
}

/// Reads the values of one field; every problem names the column.
struct FieldReader {
    let column: String
    let bytes: UnsafeRawBufferPointer

    /// Without white space around.
    init(_ column: String, _ bytes: UnsafeRawBufferPointer) {
        var first = 0
        var last = bytes.count
        while first < last, Self.isSpace(bytes[first]) { first += 1 }
        while last > first, Self.isSpace(bytes[last - 1]) { last -= 1 }
        self.column = column
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[first..<last])
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (byte >= 9 && byte <= 13)
    }

    var isEmpty: Bool { bytes.isEmpty }

    func problem(_ reason: String) -> FieldProblem {
        FieldProblem(column: column, reason: reason)
    }

    /// The value as a message shows it, cut where it is long.
    var shown: String {
        guard let text = String(validating: bytes, as: UTF8.self) else { return "bytes that are not UTF-8" }
        return "'\(text.shortened)'"
    }

    func required() throws(FieldProblem) -> FieldReader {
        guard !isEmpty else { throw problem("is empty, but must have a value") }
        return self
    }

    // MARK: Text

    func text() throws(FieldProblem) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw problem("holds bytes that are not UTF-8")
        }
        guard !bytes.contains(0) else { throw problem("holds a NUL character") }
        return text.withoutOuterWhitespace
    }

    /// Text that has something to compare by.
    func name() throws(FieldProblem) -> String {
        let name = try required().text()
        guard TextKey.hasContent(name) else {
            throw problem("is empty, but must have a value")
        }
        return name
    }

    /// The parts between separators, trimmed, without empty ones. A `;` always separates, as it does in the store.
    func list(separator: Unicode.Scalar = ";") throws(FieldProblem) -> [String] {
        guard !isEmpty else { return [] }
        return try text().listed(separator: separator)
    }

    func comment() throws(FieldProblem) -> String? {
        guard !isEmpty else { return nil }
        let comment = try text()
        let length = comment.unicodeScalars.count
        guard length <= Feedback.longestComment else {
            throw problem("has \(length) characters, but at most \(Feedback.longestComment) are allowed")
        }
        return comment
    }

    // MARK: Numbers

    func identifier<Record>() throws(FieldProblem) -> Identifier<Record> {
        let digits = try required()
        guard let number = digits.unsigned(), number > 0 else {
            throw problem("is \(shown), but must be a positive 64-bit whole number")
        }
        return Identifier(rawValue: number)
    }

    func rating() throws(FieldProblem) -> Rating {
        let field = try required()
        guard let number = field.whole(), let rating = Rating(number) else {
            throw problem("is \(shown), but must be a whole number from 1 to 5")
        }
        return rating
    }

    func optionalRating() throws(FieldProblem) -> Rating? {
        isEmpty ? nil : try rating()
    }

    func compliance() throws(FieldProblem) -> Compliance? {
        guard !isEmpty else { return nil }
        guard let compliance = decimal().flatMap({ Compliance($0) }) else {
            throw problem("is \(shown), but must be a number from 0 to 1")
        }
        return compliance
    }

    func birthYear(now: Instant) throws(FieldProblem) -> Int? {
        guard !isEmpty else { return nil }
        let currentYear = Day(now, offset: 0).date.year
        guard let year = whole(), (1900...currentYear).contains(year) else {
            throw problem("is \(shown), but must be a year from 1900 to \(currentYear)")
        }
        return year
    }

    /// A decimal number, also with an exponent; `nil` for the other forms that Swift reads, such as `0x1` and `nan`.
    func decimal() -> Double? {
        if let plain = plainDecimal() { return plain }
        let isPlain = bytes.allSatisfy { byte in
            byte &- UInt8(ascii: "0") < 10 || ".eE+-".utf8.contains(byte)
        }
        return isPlain ? Double(String(decoding: bytes, as: UTF8.self)) : nil
    }

    /// A number of at most 15 digits with or without a point, which is the nearest to its digits by one division; `nil` for
    /// others.
    private func plainDecimal() -> Double? {
        guard bytes.count <= 16, bytes.first != UInt8(ascii: ".") else { return nil }
        var digits = 0
        var scale = 1
        var isFraction = false
        for byte in bytes {
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
                continue
            }
            guard byte &- UInt8(ascii: "0") < 10, scale < 1_000_000_000_000_000 else { return nil }
            digits = digits * 10 + Int(byte &- UInt8(ascii: "0"))
            if isFraction { scale *= 10 }
        }
        guard digits < 1_000_000_000_000_000, bytes.last != UInt8(ascii: ".") else { return nil }
        return Double(digits) / Double(scale)
    }

    /// Digits only, within 64 bits.
    private func unsigned() -> Int64? {
        guard !isEmpty, bytes.count <= 19 else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(digit))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// A whole number, also as spreadsheets write it: `4.0`.
    private func whole() -> Int? {
        guard let point = bytes.firstIndex(of: UInt8(ascii: ".")) else { return unsigned().map(Int.init) }
        guard bytes[(point + 1)...].allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        return FieldReader(column, UnsafeRawBufferPointer(rebasing: bytes[..<point])).unsigned().map(Int.init)
    }

    // MARK: Words and instants

    func mizaj() throws(FieldProblem) -> Mizaj {
        let text = String(decoding: try required().bytes, as: UTF8.self)
        guard let mizaj = Mizaj(rawValue: text) else {
            throw problem("is \(shown); \(suggestion(for: text, among: Mizaj.allCases.map(\.rawValue)))")
        }
        return mizaj
    }

    func sex() throws(FieldProblem) -> Sex? {
        guard !isEmpty else { return nil }
        guard let sex = Sex(rawValue: String(decoding: bytes, as: UTF8.self)) else {
            throw problem("is \(shown), but must be female, male or empty")
        }
        return sex
    }

    func instant(now: Instant) throws(FieldProblem) -> Instant {
        guard let instant = Instant(rfc3339: try required().bytes) else {
            throw problem("is \(shown), but must be an RFC 3339 date-time such as 2026-10-20T09:30:00+03:30")
        }
        return try notInFuture(instant, now: now)
    }

    func optionalInstant(now: Instant) throws(FieldProblem) -> Instant? {
        isEmpty ? nil : try instant(now: now)
    }

    func notInFuture(_ instant: Instant, now: Instant) throws(FieldProblem) -> Instant {
        guard !instant.liesInFuture(at: now) else {
            throw problem("is \(shown), more than a day in the future")
        }
        return instant
    }
}

extension String {
    /// The text as a message shows it, cut where it is long.
    var shortened: String { count > 40 ? prefix(40) + "…" : self }
}
