package import Domain

/// Packs deltas of one publication for neighbouring diagnoses into rows of the outbox: a first run has millions. Where a run has
/// only a few, each has a row of its own, which an index finds by its diagnosis.
package struct DeltaBatch {
    /// About how many make a batch; those of one diagnosis stay together.
    static let size: Int64 = 256
    /// With fewer, each has a row of its own.
    static let fewest = 1024

    private var bytes = ByteWriter()
    private(set) var count: Int64 = 0
    private var first: DiagnosisID?
    private(set) var last = DiagnosisID(rawValue: 0)
    private var lastAudience: Delta.Audience?

    package init() {}

    /// Appends a delta of the same diagnosis as the one before, or of a later one.
    package mutating func append(_ change: Delta.Change, of diagnosis: DiagnosisID) {
        bytes.append(count: diagnosis.rawValue - last.rawValue)
        last = diagnosis
        if first == nil { first = diagnosis }
        count += 1
        lastAudience = change.audience
        change.write(to: &bytes)
    }

    /// The row with the deltas; `nil` where there is none. Then begins the next row.
    ///
    /// - Parameters:
    ///   - sequence: the number of the delta before the first; then that of the last.
    ///   - isBatch: whether the row may have more than one delta.
    package mutating func takeRow(
        after sequence: inout Int64, isBatch: Bool, run: RunID, at now: Instant
    ) -> DeltaRow? {
        guard let first else { return nil }
        sequence += count
        var header = ByteWriter()
        header.append(count: count)
        let row = DeltaRow(
            sequence: sequence, run: run, first: first, last: isBatch ? last : nil, bytes: header.bytes + bytes.bytes,
            at: now, kind: isBatch ? .batch : singleKind)
        self = Self(reusing: bytes)
        return row
    }

    private init(reusing bytes: ByteWriter) {
        self.bytes = bytes
        self.bytes.removeAll()
    }

    /// The kind of a row with the last delta alone.
    private var singleKind: DeltaRow.Kind {
        switch lastAudience {
        case .staff: .batch
        case .patient: .patient
        case nil: .shared
        }
    }

    /// Calls `body` with each delta of a row that is wanted, in order.
    ///
    /// - Parameter sequence: the row's number.
    package static func forEach(
        in bytes: UnsafeRawBufferPointer, sequence: Int64, at: Instant, where isWanted: (Int64, DiagnosisID) -> Bool,
        _ body: (Delta) throws -> Void
    ) throws {
        var reader = ByteReader(bytes)
        let count = reader.count()
        var diagnosis: Int64 = 0
        for index in 0..<max(0, count) {
            diagnosis &+= reader.count()
            let change = Delta.Change(from: &reader, of: DiagnosisID(rawValue: diagnosis))
            guard let change, !reader.isBroken else { throw DamagedData.unknown("deltas") }
            let own = sequence &- count &+ 1 &+ index
            guard isWanted(own, DiagnosisID(rawValue: diagnosis)) else { continue }
            try body(Delta(sequence: own, diagnosis: DiagnosisID(rawValue: diagnosis), at: at, change: change))
        }
    }
}

extension Delta.Change {
    fileprivate func write(to bytes: inout ByteWriter) {
        func writeEffectiveness(
            _ kind: UInt8, _ recommendation: RecommendationID, _ old: WindowCounts?, _ new: WindowCounts?
        ) {
            bytes.append(kind | (old == nil ? 0 : 1) | (new == nil ? 0 : 2))
            bytes.append(count: recommendation.rawValue)
            old?.write(to: &bytes)
            new?.write(to: &bytes)
        }
        switch self {
        case .effectiveness(let recommendation, let old, let new): writeEffectiveness(0, recommendation, old, new)
        case .ownEffectiveness(let recommendation, let old, let new): writeEffectiveness(8, recommendation, old, new)
        case .ranking(let places):
            bytes.append(UInt8(4))
            bytes.append(count: Int64(places.count))
            for place in places { place.write(to: &bytes) }
        case .patientRanking(let places):
            bytes.append(UInt8(5))
            bytes.append(count: Int64(places.count))
            for place in places {
                bytes.append(count: place.recommendation.rawValue)
                place.prediction.write(to: &bytes)
            }
        case .feedback(let update):
            bytes.append(UInt8(6))
            update.write(to: &bytes)
        case .broadcast: preconditionFailure("a broadcast has a row of its own")
        }
    }

    fileprivate init?(from bytes: inout ByteReader, of diagnosis: DiagnosisID) {
        let kind = bytes.byte()
        switch kind {
        case 0...3, 8...11:
            let recommendation = RecommendationID(rawValue: bytes.count())
            let old = kind & 1 == 0 ? nil : WindowCounts(from: &bytes)
            let new = kind & 2 == 0 ? nil : WindowCounts(from: &bytes)
            self =
                kind & 8 == 0
                ? .effectiveness(recommendation: recommendation, old: old, new: new)
                : .ownEffectiveness(recommendation: recommendation, old: old, new: new)
        case 4:
            var places: [RankedRecommendation] = []
            for _ in 0..<max(0, bytes.count()) {
                guard let place = RankedRecommendation(from: &bytes, of: diagnosis), !bytes.isBroken else { return nil }
                places.append(place)
            }
            self = .ranking(places)
        case 5:
            var places: [PatientPlace] = []
            for _ in 0..<max(0, bytes.count()) {
                let recommendation = RecommendationID(rawValue: bytes.count())
                guard let prediction = PatientPrediction(from: &bytes), prediction.isPossible, !bytes.isBroken else {
                    return nil
                }
                places.append(PatientPlace(recommendation: recommendation, prediction: prediction))
            }
            self = .patientRanking(places)
        case 6:
            guard let update = FeedbackUpdate(from: &bytes) else { return nil }
            self = .feedback(update)
        default: return nil
        }
    }
}

extension WindowCounts {
    fileprivate func write(to bytes: inout ByteWriter) {
        for count in [days30, days90, all] {
            bytes.append(count: count.samples)
            bytes.append(count: count.successes)
        }
    }

    fileprivate init(from bytes: inout ByteReader) {
        let days30 = Count(samples: bytes.count32(), successes: bytes.count32())
        let days90 = Count(samples: bytes.count32(), successes: bytes.count32())
        self.init(
            days30: days30, days90: days90, all: Count(samples: bytes.count32(), successes: bytes.count32()))
    }
}

extension FeedbackUpdate {
    fileprivate func write(to bytes: inout ByteWriter) {
        bytes.append(count: recommendation.rawValue)
        for count in [samples, ratingSum, improvements, improvementSum] { bytes.append(count: count) }
        bytes.append(count: Int64(sideEffectCount))
        bytes.append(count: Int64(sideEffects.count))
        for effect in sideEffects {
            bytes.append(count: Int64(effect.count))
            bytes.append(effect.name)
        }
    }

    fileprivate init?(from bytes: inout ByteReader) {
        self.init(
            recommendation: RecommendationID(rawValue: bytes.count()), samples: bytes.count32(),
            ratingSum: bytes.count32(), improvements: bytes.count32(), improvementSum: bytes.count32(), sideEffects: [],
            sideEffectCount: Int(bytes.count()))
        for _ in 0..<max(0, bytes.count()) {
            let count = Int(bytes.count())
            let name = bytes.text()
            guard !bytes.isBroken else { return nil }
            sideEffects.append(SideEffect(name: name, count: count))
        }
    }
}

extension RankedRecommendation {
    fileprivate func write(to bytes: inout ByteWriter) {
        bytes.append(count: recommendation.rawValue)
        bytes.append(count: herb.rawValue)
        CompletePrediction(prediction: prediction, announcedScore: prediction.score).write(to: &bytes)
    }

    fileprivate init?(from bytes: inout ByteReader, of diagnosis: DiagnosisID) {
        let recommendation = RecommendationID(rawValue: bytes.count())
        let herb = TermID(rawValue: bytes.count())
        guard let row = CompletePrediction(from: &bytes), row.isPossible else { return nil }
        self.init(recommendation: recommendation, herb: herb, prediction: row.prediction)
    }
}
