import Domain
import Statistics
import Store

/// What cases say together: ratings, improvement, compliance, side effects, comments.
struct FeedbackTally {
    private(set) var samples = 0
    private(set) var successes = 0
    /// How often each rating from 1 to 5 was given.
    private(set) var ratings = [Int](repeating: 0, count: 5)
    private(set) var withSideEffects = 0
    private(set) var withComment = 0
    private(set) var patients: Set<PatientID> = []
    private var improvements = 0
    private var improvementSum = 0
    private var compliances = 0
    private var complianceSum = 0.0

    mutating func add(_ item: FeedbackCase, isSuccess: Bool, countsPatients: Bool) {
        samples += 1
        successes += isSuccess ? 1 : 0
        ratings[item.rating - 1] += 1
        withSideEffects += item.sideEffects == nil ? 0 : 1
        withComment += item.comment == nil ? 0 : 1
        if countsPatients { patients.insert(item.patient) }
        if let improvement = item.improvement {
            improvements += 1
            improvementSum += improvement
        }
        if let compliance = item.compliance {
            compliances += 1
            complianceSum += compliance
        }
    }

    /// Share of the cases that are a success; needs a case.
    var effectiveness: Double { Double(successes) / Double(samples) }
    /// Mean rating; needs a case.
    var meanRating: Double { Statistics.meanRating(counts: ratings) }
    /// Interval of the mean rating; needs a case.
    var ratingInterval: ClosedRange<Double> { meanRatingInterval(counts: ratings) }
    var meanImprovement: Double? { improvements == 0 ? nil : Double(improvementSum) / Double(improvements) }
    var meanCompliance: Double? { compliances == 0 ? nil : complianceSum / Double(compliances) }
}

/// A row that shows a tally of cases.
protocol FeedbackTallyRow: SourceRow {
    var tally: FeedbackTally { get }
}

extension FeedbackTallyRow {
    /// The columns of ratings, which every such row has.
    static var ratingColumns: [Column<Self>] {
        let shares = (1...5).map { stars in
            Column<Self>("rating_\(stars)", .count) { .integer(Int64($0.tally.ratings[stars - 1])) }
        }
        return [
            Column("samples", .count) { .integer(Int64($0.tally.samples)) },
            Column("successes", .count) { .integer(Int64($0.tally.successes)) },
            Column("effectiveness", .share, interval: "interval") { .decimal($0.tally.effectiveness) },
            Column("interval", .interval(of: .share)) {
                .interval(successes: $0.tally.successes, of: $0.tally.samples)
            },
            Column("mean_rating", .rating, interval: "rating_interval") { .decimal($0.tally.meanRating) },
            Column("rating_interval", .interval(of: .rating)) { .interval($0.tally.ratingInterval) },
        ] + shares + [
            Column("mean_improvement", .rating) { Cell($0.tally.meanImprovement) },
            Column("mean_compliance", .share) { Cell($0.tally.meanCompliance) },
        ]
    }
}

extension Cell {
    /// The Wilson interval of a share; empty without samples.
    static func interval(successes: some BinaryInteger, of samples: some BinaryInteger) -> Cell {
        samples > 0 ? .interval(wilsonInterval(successes: Int(successes), samples: Int(samples))) : .empty
    }

    /// A share; empty without samples.
    static func share(_ count: some BinaryInteger, of samples: some BinaryInteger) -> Cell {
        samples > 0 ? .decimal(Double(count) / Double(samples)) : .empty
    }
}
