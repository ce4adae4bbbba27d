/// Everything that a run reads, as columns: contiguous arrays in which records refer to each other by position.
///
/// Records stand by ascending identifier. Only feedback that counts up to the as-of day is in `cases`; records of the
/// other kinds may be dated later, with their day beside them.
public struct Clinic: Sendable {
    /// The last day that a computation sees.
    public var asOf: Day
    /// All patients.
    public var patients = PatientColumns()
    /// All diagnoses.
    public var diagnoses = DiagnosisColumns()
    /// All recommendations.
    public var recommendations = RecommendationColumns()
    /// All cases up to the as-of day.
    public var cases = CaseColumns()
    /// The herbs of the recommendations.
    public var herbs = Vocabulary()
    /// The conditions of the diagnoses.
    public var conditions = Vocabulary()
    /// The sets of symptoms that occur in diagnoses.
    public var symptomSets = SymptomSets()

    /// Up to where this is all that was written.
    public var version = ClinicVersion()

    /// An empty clinic.
    public init(asOf: Day) {
        self.asOf = asOf
    }

    /// The herb and condition of a recommendation.
    ///
    /// - Parameter recommendation: its position.
    @inlinable
    public func treatment(of recommendation: Int) -> Subject {
        let diagnosis = Int(recommendations.diagnosis[recommendation])
        return .treatment(
            herb: herbs.terms[Int(recommendations.herb[recommendation])],
            condition: conditions.terms[Int(diagnoses.condition[diagnosis])])
    }
}

/// Columns of the patients.
public struct PatientColumns: Sendable {
    /// Ascending.
    public var ids: [PatientID] = []
    /// Temperament of each.
    public var mizaj: [Mizaj] = []
    /// Sex of each, where known.
    public var sex: [Sex?] = []
    /// Birth year of each; `unknownYear` where it is not known.
    public var birthYear: [Int16] = []

    /// Stands for a birth year that nobody knows.
    public static let unknownYear: Int16 = 0

    /// No patients.
    public init() {}

    /// Columns in parts, whose numbers follow each other, as one. The parts are without them then.
    public init<Part>(joining parts: inout [Part], _ own: WritableKeyPath<Part, Self>) {
        ids = parts.joined(taking: own.appending(path: \.ids))
        mizaj = parts.joined(taking: own.appending(path: \.mizaj))
        sex = parts.joined(taking: own.appending(path: \.sex))
        birthYear = parts.joined(taking: own.appending(path: \.birthYear))
    }

    /// Makes room for records that will be added.
    public mutating func reserveCapacity(_ count: Int) {
        ids.reserveCapacity(count)
        mizaj.reserveCapacity(count)
        sex.reserveCapacity(count)
        birthYear.reserveCapacity(count)
    }
}

/// Columns of the diagnoses.
public struct DiagnosisColumns: Sendable {
    /// Ascending.
    public var ids: [DiagnosisID] = []
    /// Position of the patient.
    public var patient: [Int32] = []
    /// Position of the condition in `Clinic.conditions`.
    public var condition: [Int32] = []
    /// Position of the set in `Clinic.symptomSets`.
    public var symptoms: [Int32] = []
    /// The clinic's day on which it was made.
    public var createdOn: [Day] = []

    /// No diagnoses.
    public init() {}

    /// Columns in parts, whose numbers follow each other, as one. The parts are without them then.
    public init<Part>(joining parts: inout [Part], _ own: WritableKeyPath<Part, Self>) {
        ids = parts.joined(taking: own.appending(path: \.ids))
        patient = parts.joined(taking: own.appending(path: \.patient))
        condition = parts.joined(taking: own.appending(path: \.condition))
        symptoms = parts.joined(taking: own.appending(path: \.symptoms))
        createdOn = parts.joined(taking: own.appending(path: \.createdOn))
    }

    /// Makes room for records that will be added.
    public mutating func reserveCapacity(_ count: Int) {
        ids.reserveCapacity(count)
        patient.reserveCapacity(count)
        condition.reserveCapacity(count)
        symptoms.reserveCapacity(count)
        createdOn.reserveCapacity(count)
    }
}

/// Columns of the recommendations.
public struct RecommendationColumns: Sendable {
    /// Ascending.
    public var ids: [RecommendationID] = []
    /// Position of the diagnosis.
    public var diagnosis: [Int32] = []
    /// Position of the herb in `Clinic.herbs`.
    public var herb: [Int32] = []
    /// The clinic's day on which it was made.
    public var createdOn: [Day] = []

    /// No recommendations.
    public init() {}

    /// Columns in parts, whose numbers follow each other, as one. The parts are without them then.
    public init<Part>(joining parts: inout [Part], _ own: WritableKeyPath<Part, Self>) {
        ids = parts.joined(taking: own.appending(path: \.ids))
        diagnosis = parts.joined(taking: own.appending(path: \.diagnosis))
        herb = parts.joined(taking: own.appending(path: \.herb))
        createdOn = parts.joined(taking: own.appending(path: \.createdOn))
    }

    /// Makes room for records that will be added.
    public mutating func reserveCapacity(_ count: Int) {
        ids.reserveCapacity(count)
        diagnosis.reserveCapacity(count)
        herb.reserveCapacity(count)
        createdOn.reserveCapacity(count)
    }
}

/// Columns of the cases, which is feedback that counts.
public struct CaseColumns: Sendable {
    /// Ascending.
    public var ids: [FeedbackID] = []
    /// Position of the recommendation.
    public var recommendation: [Int32] = []
    /// 1…5.
    public var rating: [UInt8] = []
    /// 1…5; 0 where it was not said.
    public var improvement: [UInt8] = []
    /// Billionths, 0…1,000,000,000; `unsaid` where it was not said.
    public var compliance: [Int32] = []
    /// When it was given.
    public var createdAt: [Instant] = []
    /// The clinic's day of `createdAt`.
    public var day: [Day] = []

    /// Stands for a compliance that was not said.
    public static let unsaid: Int32 = -1

    /// No cases.
    public init() {}

    /// Columns in parts, whose numbers follow each other, as one. The parts are without them then.
    public init<Part>(joining parts: inout [Part], _ own: WritableKeyPath<Part, Self>) {
        ids = parts.joined(taking: own.appending(path: \.ids))
        recommendation = parts.joined(taking: own.appending(path: \.recommendation))
        rating = parts.joined(taking: own.appending(path: \.rating))
        improvement = parts.joined(taking: own.appending(path: \.improvement))
        compliance = parts.joined(taking: own.appending(path: \.compliance))
        createdAt = parts.joined(taking: own.appending(path: \.createdAt))
        day = parts.joined(taking: own.appending(path: \.day))
    }

    /// How many cases there are.
    public var count: Int { ids.count }

    /// Makes room for cases that will be added.
    public mutating func reserveCapacity(_ count: Int) {
        ids.reserveCapacity(count)
        recommendation.reserveCapacity(count)
        rating.reserveCapacity(count)
        improvement.reserveCapacity(count)
        compliance.reserveCapacity(count)
        createdAt.reserveCapacity(count)
        day.reserveCapacity(count)
    }
}

/// Herbs or conditions: each position is one term.
public struct Vocabulary: Sendable {
    /// The store's number of each term.
    public var terms: [TermID] = []
    /// The key that all spellings of each term share.
    public var keys: [TextKey] = []
    /// The displayed spelling of each; empty where nothing that the as-of day sees uses it.
    public var names: [String] = []

    /// No terms.
    public init() {}

    /// The displayed spellings by term, without terms that nothing seen uses.
    public var termNames: TermNames {
        TermNames(Dictionary(uniqueKeysWithValues: zip(terms, names).filter { !$0.1.isEmpty }))
    }
}

extension Vocabulary {
    /// The position of each term.
    public var positions: [TermID: Int32] {
        Dictionary(uniqueKeysWithValues: terms.enumerated().map { ($1, Int32($0)) })
    }
}

/// Sets of symptoms, flattened: set `i` is `members[starts[i]..<starts[i + 1]]`, ascending.
public struct SymptomSets: Sendable {
    /// One more than there are sets.
    public private(set) var starts: [Int32] = [0]
    /// Symptoms by a number that is the same for all spellings.
    public private(set) var members: [Int32] = []

    /// No sets.
    public init() {}

    /// How many sets there are.
    public var count: Int { starts.count - 1 }

    /// Adds a set whose symptoms ascend without repetition.
    public mutating func append(_ symptoms: [Int32]) {
        members.append(contentsOf: symptoms)
        starts.append(Int32(members.count))
    }

    /// The symptoms of a set, ascending.
    public subscript(set: Int) -> ArraySlice<Int32> {
        members[Int(starts[set])..<Int(starts[set + 1])]
    }
}

extension Array {
    /// A column of all parts, one after the other. Each part gives it up when it is copied: of long columns there is never
    /// memory for two at once.
    fileprivate mutating func joined<Value>(taking column: WritableKeyPath<Element, [Value]>) -> [Value] {
        guard var all = first?[keyPath: column] else { return [] }
        self[0][keyPath: column] = []
        if count > 1 { all.reserveCapacity(reduce(all.count) { $0 + $1[keyPath: column].count }) }
        for part in indices.dropFirst() {
            all.append(contentsOf: self[part][keyPath: column])
            self[part][keyPath: column] = []
        }
        return all
    }
}
