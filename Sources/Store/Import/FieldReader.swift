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

    /// Whether there is no value: nothing, or only white space and invisible characters of any script.
    var isEmpty: Bool {
        bytes.isEmpty
            || bytes[0] >= 0x80 && bytes.count <= 64 && String(decoding: bytes, as: UTF8.self).withPlainDigits.isEmpty
    }

    func problem(_ reason: String) -> FieldProblem {
        FieldProblem(column: column, reason: reason)
    }

    /// The value as a message shows it, cut where it is long.
    var shown: String {
        guard let text = String(validating: bytes, as: UTF8.self) else { return "bytes that are not valid text" }
        return "'\(text.shortened)'"
    }

    func required() throws(FieldProblem) -> FieldReader {
        guard !isEmpty else { throw problem("is empty, but must have a value") }
        return self
    }

    // MARK: Text

    /// The value as it was entered, without white space around.
    func text() throws(FieldProblem) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw problem(
                "has bytes that are not valid text; if the file is not UTF-8, name its encoding with --encoding")
        }
        return text.withoutOuterWhitespace
    }

    /// A name as it is displayed; it has something to compare by.
    func name() throws(FieldProblem) -> String {
        let text = try required().text()
        try refuse(text.forbiddenInName)
        guard TextKey.hasContent(text) else { throw problem("is empty, but must have a value") }
        return text.displayedName
    }

    /// The parts between separators as they are displayed, without empty ones. A `;` always separates, as it does in the store.
    func list(separator: Unicode.Scalar = ";") throws(FieldProblem) -> [String] {
        guard !isEmpty else { return [] }
        let text = try text()
        try refuse(text.forbiddenInName)
        return text.listed(separator: separator)
    }

    func comment() throws(FieldProblem) -> String? {
        guard !isEmpty else { return nil }
        let comment = try text()
        try refuse(comment.forbiddenInComment)
        let length = comment.unicodeScalars.count
        guard length <= Feedback.longestComment else {
            throw problem("has \(length) characters, but at most \(Feedback.longestComment) are allowed")
        }
        return comment.isEmpty ? nil : comment
    }

    private func refuse(_ scalar: Unicode.Scalar?) throws(FieldProblem) {
        guard let scalar else { return }
        let code = String(scalar.value, radix: 16, uppercase: true)
        let kind = scalar.isNoncharacter ? "a noncharacter" : "a control character"
        throw problem("has \(kind) (U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code)); remove it")
    }

    // MARK: Numbers

    /// Reads the value with digits of any script as ASCII digits.
    func withPlainDigits<Value>(_ read: (FieldReader) throws(FieldProblem) -> Value) throws(FieldProblem) -> Value {
        guard !bytes.allSatisfy({ $0 < 0x80 }) else { return try read(self) }
        var text = String(decoding: bytes, as: UTF8.self).withPlainDigits
        let result: Result<Value, FieldProblem> = text.withUTF8 { plain in
            Result { () throws(FieldProblem) in try read(FieldReader(column, UnsafeRawBufferPointer(plain))) }
        }
        return try result.get()
    }

    func identifier<Record>() throws(FieldProblem) -> Identifier<Record> {
        let number = try required().withPlainDigits { field throws(FieldProblem) in field.whole() }
        guard let number, 1...Identifier<Record>.largest ~= number else { throw problem("is \(shown), but \(idHint)") }
        return Identifier(rawValue: number)
    }

    private var idHint: String {
        let text = String(decoding: bytes, as: UTF8.self).uppercased()
        if text.contains("E+") {
            return "a spreadsheet rounded it; format the column as text or number and export it again"
        }
        let isText = text.contains { $0.isLetter || "-/_".contains($0) } && !text.hasPrefix("-")
        return "must be a positive whole number up to 2^62"
            + (isText ? "; for ids such as P-00123 use a mapping with 'ids: text'" : "")
    }

    func rating() throws(FieldProblem) -> Rating {
        let number = try required().withPlainDigits { field throws(FieldProblem) in field.whole() }
        guard let number, let rating = Rating(Int(number)) else {
            throw problem("is \(shown), but must be a whole number from 1 to 5")
        }
        return rating
    }

    func optionalRating() throws(FieldProblem) -> Rating? {
        isEmpty ? nil : try rating()
    }

    func compliance() throws(FieldProblem) -> Compliance? {
        guard !isEmpty else { return nil }
        guard let compliance = try decimal().flatMap({ Compliance($0) }) else {
            throw problem("is \(shown), but must be a number from 0 to 1")
        }
        return compliance
    }

    func birthYear(now: Instant) throws(FieldProblem) -> Int? {
        guard !isEmpty else { return nil }
        let currentYear = Day(now, offset: 0).date.year
        let year = try withPlainDigits { field throws(FieldProblem) in field.whole() }
        guard let year, (1900...currentYear).contains(Int(year)) else {
            let looksPersian = year.map { PersianCalendar.years.contains(Int($0)) } ?? false
            throw problem(
                "is \(shown), but must be a year from 1900 to \(currentYear)"
                    + (looksPersian ? "; for Persian years use a mapping with 'calendar: persian'" : ""))
        }
        return Int(year)
    }

    /// A decimal number, also with an exponent, and with any decimal sign; `nil` for other forms, such as `0x1` and `nan`.
    func decimal() throws(FieldProblem) -> Double? {
        try withPlainDigits { field throws(FieldProblem) in field.plainDecimal() ?? field.scientificDecimal() }
    }

    /// A number with an exponent, a sign, or the decimal sign of another language: `0,8`, and `0/8` as Persian Windows writes it.
    private func scientificDecimal() -> Double? {
        let signs = bytes.filter { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "/") }
        let isPlain = bytes.allSatisfy { byte in
            byte &- UInt8(ascii: "0") < 10 || ".eE+-,/".utf8.contains(byte)
        }
        guard isPlain, signs.count <= 1, signs.isEmpty || !bytes.contains(UInt8(ascii: ".")) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return Double(text.replacing(",", with: ".").replacing("/", with: "."))
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

    /// A whole number, also as spreadsheets write it: `4.0`, or `4,0` and `4/0` in other languages.
    private func whole() -> Int64? {
        if let number = unsigned() { return number }
        guard let point = bytes.firstIndex(where: { ".,/".utf8.contains($0) }) else { return nil }
        let zeros = bytes[(point + 1)...]
        guard !zeros.isEmpty, zeros.allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        return FieldReader(column, UnsafeRawBufferPointer(rebasing: bytes[..<point])).unsigned()
    }

    // MARK: Words and instants

    /// The word of an enumeration in any spelling that `ColumnName` takes for the same.
    private func word<Word: RawRepresentable & CaseIterable>(as type: Word.Type) throws(FieldProblem) -> Word
    where Word.RawValue == String {
        let text = String(decoding: try required().bytes, as: UTF8.self)
        if let word = Word(rawValue: text) { return word }
        let name = ColumnName(text)
        guard let word = Word.allCases.first(where: { ColumnName($0.rawValue) == name }) else {
            throw problem("is \(shown); \(suggestion(for: text, among: Word.allCases.map(\.rawValue)))")
        }
        return word
    }

    func mizaj() throws(FieldProblem) -> Mizaj { try word(as: Mizaj.self) }

    func sex() throws(FieldProblem) -> Sex? { isEmpty ? nil : try word(as: Sex.self) }

    func instant(now: Instant) throws(FieldProblem) -> Instant {
        let instant = try required().withPlainDigits { field throws(FieldProblem) in Instant(rfc3339: field.bytes) }
        guard let instant else {
            throw problem("is \(shown), but must be an RFC 3339 date-time such as 2026-10-20T09:30:00+03:30")
        }
        return try plausible(instant, now: now)
    }

    func optionalInstant(now: Instant) throws(FieldProblem) -> Instant? {
        isEmpty ? nil : try instant(now: now)
    }

    /// Refuses an instant that no record can have: before 1900, or more than a day in the future.
    func plausible(_ instant: Instant, now: Instant) throws(FieldProblem) -> Instant {
        guard !instant.isInFuture(at: now) else { throw problem("is \(shown), more than a day in the future") }
        guard instant >= .earliest else {
            throw problem(
                "is \(shown), before 1900; it looks like a Persian date: use a mapping with 'calendar: persian'")
        }
        return instant
    }
}

extension String {
    /// The text as a message shows it, cut where it is long.
    var shortened: String { count > 40 ? prefix(40) + "…" : self }
}
