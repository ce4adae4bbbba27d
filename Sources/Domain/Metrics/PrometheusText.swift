/// Metrics in the text format of Prometheus; their names begin with `avicenna_`.
public struct PrometheusText: CustomStringConvertible, Sendable {
    /// What a metric is.
    public enum Kind: String, Sendable {
        /// Something that goes up and down.
        case gauge
        /// Something that only grows, until the program begins anew.
        case counter
        /// How many values were at most so large.
        case histogram
    }

    /// A value of a metric.
    public struct Sample: Sendable {
        let suffix: String
        let labels: [(name: String, value: String)]
        let value: Double

        /// A value, with what tells it from others of its metric, and what a histogram adds to the name.
        public init(_ value: Double, _ labels: KeyValuePairs<String, String> = [:], suffix: String = "") {
            self.value = value
            self.labels = labels.map { ($0.key, $0.value) }
            self.suffix = suffix
        }

        /// A count.
        public init(_ count: Int, _ labels: KeyValuePairs<String, String> = [:], suffix: String = "") {
            self.init(Double(count), labels, suffix: suffix)
        }
    }

    /// The text so far.
    public private(set) var description = ""

    /// No metrics yet.
    public init() {}

    /// Adds a metric with its values; one that has none is left out.
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
