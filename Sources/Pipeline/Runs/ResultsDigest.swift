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
            hashes[.effectiveness] = Self.hash(effectiveness.tallies, results) { $1.append($0) }
        }
        if let trends = results.trends {
            // The counts of a trend are those of the tallies; its direction and p-value follow from them.
            hashes[.trends] = Self.hash(trends, results) {
                $1.append($0.recentSamples, $0.recentSuccesses)
                $1.append($0.baselineSamples, $0.baselineSuccesses)
            }
        }
        if let cohorts = results.cohorts {
            hashes[.cohorts] = Self.hash([.cohort: cohorts], results) {
                $1.append($0.patients, $0.samples)
                $1.append($0.successes, 0)
            }
        }
        if let predictions = results.scores?.predictions {
            var hash = SHA256()
            hash.update(predictions.keys) { $1.append($0.rawValue) }
            hash.update(predictions.values) {
                $1.append($0.diagnosis.rawValue)
                $1.append(Int32($0.basis.ordinal), $0.rank)
                $1.append($0.historicalSamples, $0.historicalSuccesses)
                $1.append($0.similarPatients, $0.similarSuccesses)
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

    /// - Parameter words: adds the words of a value, which are the same for equal values and for no others.
    private static func hash<Value: ResultRow>(
        _ levels: [Level: Keyed<Subject, Value>], _ results: Results, _ words: (Value, inout [Int64]) -> Void
    ) -> SHA256 {
        var hash = SHA256()
        for (level, rows) in levels.sorted(by: { $0.key.ordinal < $1.key.ordinal }) {
            hash.update("\(level) \(rows.count)")
            if level.isNumbered {
                hash.update(rows.keys) { $1.append($0.rawValue) }
                hash.update(rows.values, words)
                continue
            }
            var sum = SIMD4<UInt64>()
            for (subject, value) in zip(rows.keys, rows.values) {
                var row = SHA256()
                row.update(
                    Subject.joined(subject.parts(at: level, herbs: results.herbs, conditions: results.conditions)))
                row.update([value], words)
                row.finalize().withUnsafeBytes { sum &+= $0.loadUnaligned(as: SIMD4<UInt64>.self) }
            }
            withUnsafeBytes(of: sum) { hash.update(bufferPointer: $0) }
        }
        return hash
    }
}

extension SHA256 {
    fileprivate mutating func update(_ text: String) {
        update(data: Array(text.utf8))
    }

    /// Hashes values by their words, some at a time.
    fileprivate mutating func update<Value>(_ values: some Sequence<Value>, _ words: (Value, inout [Int64]) -> Void) {
        let atOnce = 4096
        var buffer: [Int64] = []
        buffer.reserveCapacity(2 * atOnce)
        for value in values {
            words(value, &buffer)
            guard buffer.count >= atOnce else { continue }
            buffer.withUnsafeBytes { update(bufferPointer: $0) }
            buffer.removeAll(keepingCapacity: true)
        }
        buffer.withUnsafeBytes { update(bufferPointer: $0) }
    }
}

extension [Int64] {
    fileprivate mutating func append(_ first: Int32, _ second: Int32) {
        append(Int64(first) << 32 | Int64(UInt32(bitPattern: second)))
    }

    /// The windows that have a case, after which those are.
    fileprivate mutating func append(_ tallies: WindowTallies) {
        let (has30, has90) = (tallies.days30.samples > 0, tallies.days90.samples > 0)
        append(has30 ? 1 : 0, has90 ? 1 : 0)
        append(tallies.all)
        if has90 { append(tallies.days90) }
        if has30 { append(tallies.days30) }
    }

    private mutating func append(_ tally: Tally) {
        append(tally.samples, tally.successes)
        append(tally.ratingSum, tally.improvements)
        append(tally.improvementSum, tally.compliances)
        append(tally.complianceSum)
    }
}
