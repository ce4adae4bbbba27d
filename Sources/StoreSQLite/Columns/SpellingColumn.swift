import Domain
import GRDB
import Store

/// The spellings of one kind, with terms numbered by position.
struct SpellingColumn: Sendable {
    /// The position of the term of each spelling, by the spelling's number.
    private(set) var term: [Int32] = [-1]
    private var text: [String] = [""]
    private var terms: [TermID] = []
    private var keys: [TextKey] = []

    init(_ db: GRDB.Database, kind: TermKind) throws {
        let statement = try Statement(
            db,
            """
            SELECT s.spelling_id, s.term_id, s.text, t.key
            FROM spellings s LEFT JOIN terms t ON t.term_id = s.term_id WHERE s.kind = ? ORDER BY s.spelling_id
            """)
        statement.bind(kind.rawValue, at: 1)
        var positions: [TermID: Int32] = [:]
        let most = try SQLiteDatabase.mostRows(db)
        while try statement.step() {
            let spelling = Int(statement.int64(0))
            guard 1...most ~= spelling else { throw DatabaseError.unknown("spellings.spelling_id") }
            while term.count <= spelling {
                term.append(-1)
                text.append("")
            }
            let id = TermID(rawValue: statement.int64(1))
            guard 1...Term.largestID ~= id.rawValue else { throw DatabaseError.unknown("spellings.term_id") }
            let position = positions[id] ?? Int32(terms.count)
            if position == terms.count {
                positions[id] = position
                guard let key = statement.text(3) else { throw DatabaseError.unknown("spellings.term_id") }
                terms.append(id)
                keys.append(TextKey(stored: key))
            }
            term[spelling] = position
            // Those that older versions stored may have invisible characters.
            text[spelling] = (statement.text(2) ?? "").displayedName
        }
    }

    /// The position of the term of a spelling; `nil` where there is no such spelling.
    @inline(__always)
    subscript(spelling: Int32) -> Int32? {
        guard spelling >= 0, spelling < term.count, term[Int(spelling)] >= 0 else { return nil }
        return term[Int(spelling)]
    }

    /// The terms with the first spelling, in the order of the records, of a record that is seen.
    func vocabulary(of spellings: some Sequence<Int32>, seen: [Bool]) -> Vocabulary {
        var vocabulary = Vocabulary()
        vocabulary.terms = terms
        vocabulary.keys = keys
        vocabulary.names = [String](repeating: "", count: terms.count)
        var isNamed = [Bool](repeating: false, count: terms.count)
        for (record, spelling) in spellings.enumerated() where seen[record] && !isNamed[Int(term[Int(spelling)])] {
            isNamed[Int(term[Int(spelling)])] = true
            vocabulary.names[Int(term[Int(spelling)])] = text[Int(spelling)]
        }
        return vocabulary
    }
}
