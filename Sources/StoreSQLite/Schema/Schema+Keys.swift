import Domain
import GRDB
import Store

extension Schema {
    /// Computes the keys of all names anew, so that names which newer rules compare as one are one term.
    ///
    /// A term that loses all of its names stays, since published results may still refer to it until the next run; its key
    /// begins with a space, which no name's key does.
    static func renewKeys(_ db: GRDB.Database) throws {
        let spellings = try GRDB.Row.fetchAll(
            db, sql: "SELECT spelling_id, kind, text, term_id FROM spellings ORDER BY term_id")
        let terms = try GRDB.Row.fetchAll(db, sql: "SELECT term_id, kind, key FROM terms ORDER BY term_id")
        let symptomSets = try GRDB.Row.fetchAll(db, sql: "SELECT symptom_set_id, text FROM symptom_sets")
        // Moves all keys out of the way, so that none is taken while the new ones are written.
        try db.execute(sql: "UPDATE terms SET key = ' ' || term_id")

        var found: [Name: Int64] = [:]
        var used: Set<Int64> = []
        /// The term of a name: the first that had one of the names with this key, or a new one.
        func term(of text: String, kind: String, formerly known: Int64?) throws -> Int64 {
            let name = Name(kind: kind, key: TextKey(text).text)
            if let term = found[name] { return term }
            let term: Int64
            if let known, !used.contains(known) {
                try db.execute(sql: "UPDATE terms SET key = ? WHERE term_id = ?", arguments: [name.key, known])
                term = known
            } else {
                try db.execute(sql: "INSERT INTO terms (kind, key) VALUES (?, ?)", arguments: [kind, name.key])
                term = db.lastInsertedRowID
            }
            found[name] = term
            used.insert(term)
            return term
        }
        for row in spellings {
            let known: Int64 = row["term_id"]
            let term = try term(of: row["text"], kind: row["kind"], formerly: known)
            guard term != known else { continue }
            try db.execute(
                sql: "UPDATE spellings SET term_id = ? WHERE spelling_id = ?",
                arguments: [term, row["spelling_id"] as Int64])
        }
        // Symptoms have no spellings of their own: their former terms are known by their former keys.
        let symptom = TermKind.symptom.rawValue
        var formerSymptoms: [String: Int64] = [:]
        for row in terms where row["kind"] == symptom {
            formerSymptoms[TextKey(row["key"]).text] = formerSymptoms[TextKey(row["key"]).text] ?? row["term_id"]
        }
        try db.execute(sql: "DELETE FROM symptom_set_members")
        for row in symptomSets {
            for text in (row["text"] as String).listParts where TextKey.hasContent(text) {
                let term = try term(of: text, kind: symptom, formerly: formerSymptoms[TextKey(text).text])
                try db.execute(
                    sql:
                        "INSERT INTO symptom_set_members (symptom_set_id, term_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    arguments: [row["symptom_set_id"] as Int64, term])
            }
        }
    }

    private struct Name: Hashable {
        let kind: String
        let key: String
    }
}
