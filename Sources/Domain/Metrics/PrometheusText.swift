/// Metrics in the text format of Prometheus; their names begin with `avicenna_`.
public struct PrometheusText: CustomStringConvertible, Sendable {
    /// The type of a metric.
    public enum Kind: String, Sendable {
        /// A value that goes up and down.
        case gauge
        /// A value that only grows, until the program restarts.
        case counter
        /// Cumulative counts of values by upper bound.
        case histogram
    }

    /// A sample of a metric.
    public struct Sample: Sendable {
        let suffix: String
        let labels: [(name: String, value: String)]
        let value: Double

        /// A sample with its labels and, for histograms, the suffix of its name.
        public init(_ value: Double, _ labels: KeyValuePairs<String, String> = [:], suffix: String = "") {
            self.value = value
            self.labels = labels.map { ($0.key, $0.value) }
            self.suffix = suffix
        }

        /// A sample of a count.
        public init(_ count: Int, _ labels: KeyValuePairs<String, String> = [:], suffix: String = "") {
            self.init(Double(count), labels, suffix: suffix)
        }
    }

    /// The exposition text.
    public private(set) var description = ""

    /// No metrics.
    public init() {}

    /// Adds a metric with its samples; a metric without samples is omitted.
    public mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        description += "# HELP avicenna_\(name) \(help)\n# TYPE avicenna_\(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            description += "avicenna_\(name)\(sample.suffix)\(labels.isEmpty ? "" : "{\(labels)}") "
            description += "\(Self.number(sample.value))\n"
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
