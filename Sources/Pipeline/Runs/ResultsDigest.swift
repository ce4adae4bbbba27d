import Analytics
import Crypto
import Domain

/// A digest of results: equal for equal results, whatever order or internal numbers they were computed with.
///
/// Each row is hashed by itself with SHA-256 and the hashes are added up, so that rows may come in any order and a digest
/// could be kept up to date row by row; the sum is hashed once more.
struct ResultsDigest {
    /// The digest of everything, in hexadecimal.
    let hexadecimal: String
    /// The digest of what each stage computed, in hexadecimal.
    let stages: [Stage: String]

    /// The digest of results.
    init(of results: Results) {
        var sums: [Stage: RowSums] = [:]
        func sum(_ stage: Stage, _ add: (inout RowSums) -> Void) {
            var rows = RowSums()
            add(&rows)
            sums[stage] = rows
        }
        if let effectiveness = results.effectiveness {
            sum(.effectiveness) { sums in
                for (level, tallies) in effectiveness.tallies {
                    sums.addRows(tallies, "effectiveness", level, results) { $0.append($1) }
                }
            }
        }
        if let trends = results.trends {
            sum(.trends) { sums in
                for (level, trends) in trends {
                    // The counts of a trend are those of the tallies; its direction and p-value follow from them.
                    sums.addRows(trends, "trends", level, results) { sums, trend in
                        sums.append(
                            trend.recentSamples, trend.recentSuccesses, trend.baselineSamples, trend.baselineSuccesses)
                    }
                }
            }
        }
        if let cohorts = results.cohorts {
            sum(.cohorts) { sums in
                sums.addRows(cohorts, "cohorts", .cohort, results) { sums, cohort in
                    sums.append(cohort.patients, cohort.samples, cohort.successes)
                }
            }
        }
        if let predictions = results.predictions {
            sum(.scores) { $0.addRows(predictions) }
        }
        stages = sums.mapValues(\.hexadecimal)
        hexadecimal = sums.values.reduce(into: RowSums()) { $0.add($1) }.hexadecimal
    }
}

/// The hashes of rows, added up.
private struct RowSums {
    private var sum: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private var row: [UInt8] = []

    var hexadecimal: String {
        var final = SHA256()
        withUnsafeBytes(of: (sum.0.littleEndian, sum.1.littleEndian, sum.2.littleEndian, sum.3.littleEndian)) {
            final.update(bufferPointer: $0)
        }
        return final.finalize().hexadecimal
    }

    mutating func add(_ other: Self) {
        sum.0 &+= other.sum.0
        sum.1 &+= other.sum.1
        sum.2 &+= other.sum.2
        sum.3 &+= other.sum.3
    }

    mutating func addRows(_ predictions: Keyed<RecommendationID, Prediction>) {
        for (recommendation, prediction) in zip(predictions.keys, predictions.values) {
            begin("predictions")
            append(recommendation.rawValue)
            append(prediction.diagnosis.rawValue)
            append(prediction.basis.rawValue)
            append(
                prediction.historicalSamples, prediction.historicalSuccesses, prediction.similarPatients,
                prediction.similarSuccesses, prediction.rank)
            end()
        }
    }

    mutating func addRows<Value>(
        _ rows: Keyed<Subject, Value>, _ table: String, _ level: Level, _ results: Results,
        _ append: (inout Self, Value) -> Void
    ) {
        for (subject, value) in zip(rows.keys, rows.values) {
            begin(table)
            self.append(level.rawValue)
            self.append(subject.text(at: level, herbs: results.herbs, conditions: results.conditions))
            append(&self, value)
            end()
        }
    }

    // MARK: One row

    private mutating func begin(_ table: String) {
        row.removeAll(keepingCapacity: true)
        append(table)
    }

    private mutating func end() {
        var hash = SHA256()
        row.withUnsafeBytes { hash.update(bufferPointer: $0) }
        hash.finalize().withUnsafeBytes { bytes in
            sum.0 &+= UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
            sum.1 &+= UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            sum.2 &+= UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            sum.3 &+= UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        }
    }

    private mutating func append(_ text: String) {
        append(Int64(text.utf8.count))
        row.append(contentsOf: text.utf8)
    }

    private mutating func append(_ number: Int64) {
        withUnsafeBytes(of: number.littleEndian) { row.append(contentsOf: $0) }
    }

    mutating func append(_ numbers: Int32...) {
        for number in numbers { append(Int64(number)) }
    }

    mutating func append(_ tallies: WindowTallies) {
        for tally in [tallies.days30, tallies.days90, tallies.all] {
            append(
                tally.samples, tally.successes, tally.ratingSum, tally.improvements, tally.improvementSum,
                tally.compliances)
            append(tally.complianceSum)
        }
    }
}
