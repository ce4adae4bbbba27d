import Domain

/// A row about a subject of a level.
protocol SubjectRow {
    var level: Level { get }
    var key: Subject { get }
    /// The subject as text.
    var subject: String { get }
    var names: SubjectNames { get }
}

/// The spellings that subjects are shown with.
struct SubjectNames {
    let herbs: TermNames
    let conditions: TermNames

    init(_ names: (herbs: TermNames, conditions: TermNames)) {
        (herbs, conditions) = names
    }

    /// Positions of subjects in the order in which they are shown: records by number, names by text.
    func order(of subjects: [Subject], at level: Level) -> [(position: Int, text: String)] {
        let texts = subjects.enumerated().map { position, subject in
            (position: position, text: subject.text(at: level, herbs: herbs, conditions: conditions))
        }
        return level.isNumbered ? texts : texts.sorted { $0.text < $1.text }
    }
}

extension SubjectRow {
    /// The columns that say what the row is about.
    static var subjectColumns: [Column<Self>] {
        [
            Column("level", .word(.level)) { .text($0.level.rawValue) },
            Column("subject", .name) { $0.subjectCell },
            Column("mizaj_type", .word(.mizaj)) { $0.level == .cohort ? .text($0.key.mizaj.rawValue) : .empty },
            Column("herb", .name) { $0.herb },
            Column("condition", .name) { $0.condition },
        ]
    }

    private var subjectCell: Cell {
        switch level {
        case .treatment: .joined(mizaj: nil, names: [names.herbs[key.herb], names.conditions[key.condition]])
        case .cohort: .joined(mizaj: key.mizaj, names: [names.herbs[key.herb], names.conditions[key.condition]])
        case .recommendation, .diagnosis, .herb, .condition, .overall: .text(subject)
        }
    }

    private var herb: Cell {
        switch level {
        case .herb, .treatment, .cohort: .text(names.herbs[key.herb])
        case .recommendation, .diagnosis, .condition, .overall: .empty
        }
    }

    private var condition: Cell {
        switch level {
        case .condition, .treatment, .cohort: .text(names.conditions[key.condition])
        case .recommendation, .diagnosis, .herb, .overall: .empty
        }
    }
}
