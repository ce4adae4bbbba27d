import Domain
import GRDB
import Store

/// What a name of the vocabulary names.
enum TermKind: String {
    case herb
    case condition
    case symptom
}

/// Numbers for names and sets of symptoms: each spelling and each term stands in the store once.
final class NameTable {
    /// Entries that are remembered before the memory is emptied, so that it does not grow with the import.
    private static let remembered = 100_000

    private let db: GRDB.Database
    private let findSpelling: Statement
    private let insertSpelling: Statement
    private let findTerm: Statement
    private let insertTerm: Statement
    private let findSet: Statement
    private let insertSet: Statement
    private let insertMember: Statement
    private var spellings: [TermKind: [Spelling: Int64]] = [:]
    private var sets: [Spelling: Int64] = [:]

    /// A text by its bytes, as the store tells texts apart. As characters, each look would bring them into a normal form first.
    private struct Spelling: Hashable {
        let text: String

        static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    init(_ db: GRDB.Database) throws {
        self.db = db
        findSpelling = try Statement(db, "SELECT spelling_id, term_id FROM spellings WHERE kind = ? AND text = ?")
        insertSpelling = try Statement(db, "INSERT INTO spellings (kind, text, term_id) VALUES (?, ?, ?)")
        findTerm = try Statement(db, "SELECT term_id FROM terms WHERE kind = ? AND key = ?")
        insertTerm = try Statement(db, "INSERT INTO terms (kind, key) VALUES (?, ?)")
        findSet = try Statement(db, "SELECT symptom_set_id FROM symptom_sets WHERE text = ?")
        insertSet = try Statement(db, "INSERT INTO symptom_sets (text) VALUES (?)")
        insertMember = try Statement(
            db,
            "INSERT INTO symptom_set_members (symptom_set_id, term_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
    }

    /// The number of a spelling, new or known.
    func spelling(_ text: String, of kind: TermKind) throws -> Int64 {
        if let known = spellings[kind]?[Spelling(text: text)] { return known }
        let spelling = try find(findSpelling, kind, text) ?? addSpelling(text, of: kind)
        if spellings[kind, default: [:]].count >= Self.remembered { spellings[kind] = [:] }
        spellings[kind, default: [:]][Spelling(text: text)] = spelling
        return spelling
    }

    /// The number of a set of symptoms, new or known.
    func symptomSet(_ symptoms: [String]) throws -> Int64 {
        let text = symptoms.joined(separator: ";")
        if let known = sets[Spelling(text: text)] { return known }
        findSet.bind(text, at: 1)
        let set: Int64
        if try findSet.step() {
            set = findSet.int64(0)
            findSet.reset()
        } else {
            set = try addSet(text, symptoms)
        }
        if sets.count >= Self.remembered { sets = [:] }
        sets[Spelling(text: text)] = set
        return set
    }

    private func addSpelling(_ text: String, of kind: TermKind) throws -> Int64 {
        insertSpelling.bind(kind.rawValue, at: 1)
        insertSpelling.bind(text, at: 2)
        insertSpelling.bind(try term(of: text, kind), at: 3)
        try insertSpelling.run()
        return db.lastInsertedRowID
    }

    private func term(of text: String, _ kind: TermKind) throws -> Int64 {
        let key = TextKey(text).text
        if let known = try find(findTerm, kind, key) { return known }
        insertTerm.bind(kind.rawValue, at: 1)
        insertTerm.bind(key, at: 2)
        try insertTerm.run()
        return db.lastInsertedRowID
    }

    private func addSet(_ text: String, _ symptoms: [String]) throws -> Int64 {
        insertSet.bind(text, at: 1)
        try insertSet.run()
        let set = db.lastInsertedRowID
        for symptom in symptoms {
            insertMember.bind(set, at: 1)
            insertMember.bind(try term(of: symptom, .symptom), at: 2)
            try insertMember.run()
        }
        return set
    }

    private func find(_ statement: Statement, _ kind: TermKind, _ text: String) throws -> Int64? {
        statement.bind(kind.rawValue, at: 1)
        statement.bind(text, at: 2)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return statement.int64(0)
    }
}
