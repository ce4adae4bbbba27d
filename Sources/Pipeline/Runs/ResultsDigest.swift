import Analytics
import Crypto
import Domain

/// A digest of results: equal for equal results, whatever internal numbers they were computed with.
///
/// What is known by its number is hashed in the order of the numbers. Of what has a name, each row is hashed by itself and the
/// hashes are added up, since names are numbered in the order in which they came.
struct ResultsDigest {
    /// The digest of everything, in hexadecimal.
    let hexadecimal: String
    /// The digest of what each stage computed, in hexadecimal.
    let stages: [Stage: String]

    /// The digest of results.
    init(of results: Results) {
        var hashes: [Stage: SHA256] = [:]
        if let effectiveness = results.effectiveness {
            hashes[.effectiveness] = Self.hash(effectiveness.tallies, results) { $0 }
        }
        if let trends = results.trends {
            // The counts of a trend are those of the tallies; its direction and p-value follow from them.
            hashes[.trends] = Self.hash(trends, results) {
                SIMD4($0.recentSamples, $0.recentSuccesses, $0.baselineSamples, $0.baselineSuccesses)
            }
        }
        if let cohorts = results.cohorts {
            hashes[.cohorts] = Self.hash([.cohort: cohorts], results) {
                SIMD4($0.patients, $0.samples, $0.successes, 0)
            }
        }
        if let predictions = results.scores?.predictions {
            var hash = SHA256()
            hash.update(predictions.keys) { $0.rawValue }
            hash.update(predictions.values) { prediction in
                SIMD8(
                    prediction.diagnosis.rawValue, Int64(prediction.basis.ordinal), Int64(prediction.historicalSamples),
                    Int64(prediction.historicalSuccesses), Int64(prediction.similarPatients),
                    Int64(prediction.similarSuccesses), Int64(prediction.rank), 0)
            }
            hashes[.scores] = hash
        }
        stages = hashes.mapValues { $0.finalize().hexadecimal }
        var all = SHA256()
        for (stage, digest) in stages.sorted(by: { $0.key.ordinal < $1.key.ordinal }) {
            all.update("\(stage) \(digest)")
        }
        hexadecimal = all.finalize().hexadecimal
    }

    /// - Parameter packed: a value as bytes that are the same for equal values.
    private static func hash<Value, Packed: BitwiseCopyable>(
        _ levels: [Level: Keyed<Subject, Value>], _ results: Results, _ packed: (Value) -> Packed
    ) -> SHA256 {
        var hash = SHA256()
        for (level, rows) in levels.sorted(by: { $0.key.ordinal < $1.key.ordinal }) {
            hash.update("\(level) \(rows.count)")
            if level.isNumbered {
                hash.update(rows.keys) { $0.rawValue }
                hash.update(rows.values, packed)
                continue
            }
            var sum = SIMD4<UInt64>()
            for (subject, value) in zip(rows.keys, rows.values) {
                var row = SHA256()
                row.update(subject.text(at: level, herbs: results.herbs, conditions: results.conditions))
                row.update([value], packed)
                row.finalize().withUnsafeBytes { sum &+= $0.loadUnaligned(as: SIMD4<UInt64>.self) }
            }
            hash.update([sum]) { $0 }
        }
        return hash
    }
}

extension SHA256 {
    fileprivate mutating func update(_ text: String) {
        update(data: Array(text.utf8))
    }

    /// Hashes values as bytes, some at a time.
    fileprivate mutating func update<Value, Packed: BitwiseCopyable>(_ values: [Value], _ packed: (Value) -> Packed) {
        var buffer: [Packed] = []
        buffer.reserveCapacity(1024)
        for start in stride(from: 0, to: values.count, by: 1024) {
            buffer.removeAll(keepingCapacity: true)
            for value in values[start..<min(start + 1024, values.count)] { buffer.append(packed(value)) }
            buffer.withUnsafeBytes { update(bufferPointer: $0) }
        }
    }
}
