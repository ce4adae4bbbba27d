import Domain

/// A chart, ready to be drawn in any format.
struct Chart {
    let title: String
    /// What the values are.
    let kind: ColumnKind
    /// What the values are called.
    let valueTitle: String
    /// How many bars, panels or rows it shows, of how many.
    let shown: Int
    let available: Int
    let content: Content

    enum Content {
        case bars([Mark])
        /// Marks from left to right, one for each label of the axis.
        case panels([Series], axis: [String])
        case heat(HeatMap)
        case changes([Change])
    }

    /// A value with how sure it is.
    struct Mark {
        var label = ""
        let value: Double
        let interval: ClosedRange<Double>?
        let samples: Int64?

        /// Cases from which a value no longer looks uncertain: at 20, an interval is at most 40 points wide.
        static let fewestCertain: Int64 = 20

        /// Whether it rests on so few samples that it is drawn paler.
        var isUncertain: Bool { Self.isUncertain(samples) }

        static func isUncertain(_ samples: Int64?) -> Bool { samples.map { $0 < fewestCertain } ?? false }
    }

    /// Marks along an axis: those of one of several small charts, or of a row of a heat map.
    struct Series {
        let title: String
        var marks: [Mark?]
        var samples: Int64 { marks.reduce(0) { $0 + ($1?.samples ?? 0) } }
    }

    /// Values by row and column.
    struct HeatMap {
        let columns: [String]
        let rows: [Series]
    }

    /// A value before and after.
    struct Change {
        let label: String
        let baseline: Mark?
        let recent: Mark?
        let direction: Direction
        let isSignificant: Bool
    }

    /// The range of the axis of values.
    var scale: ClosedRange<Double> {
        switch kind {
        case .share, .probability:
            // Small shares would all look alike on a whole scale.
            return [0.02, 0.05, 0.1, 0.2, 0.5].first { $0 >= greatest }.map { 0...$0 } ?? 0...1
        case .rating: return 1...5
        case .points: return -1...1
        default: return 0...Self.round(max(greatest, 1))
        }
    }

    /// The greatest value or upper end of an interval.
    private var greatest: Double {
        marks.map { max($0.value, $0.interval?.upperBound ?? $0.value) }.max() ?? 1
    }

    /// All values.
    var marks: [Mark] {
        switch content {
        case .bars(let marks): marks
        case .panels(let panels, _): panels.flatMap { $0.marks.compactMap { $0 } }
        case .heat(let map): map.rows.flatMap { $0.marks.compactMap { $0 } }
        case .changes(let changes): changes.flatMap { [$0.baseline, $0.recent].compactMap { $0 } }
        }
    }

    /// The next of 1, 2, 5, 10, 20 … up.
    private static func round(_ number: Double) -> Double {
        var unit = 1.0
        while true {
            for step in [1.0, 2, 5] where step * unit >= number { return step * unit }
            unit *= 10
        }
    }
}
