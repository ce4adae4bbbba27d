import Foundation

/// Suites that take minutes have a short form, and a full one that `make test-long` runs.
public enum LongTests {
    /// Whether the full form runs.
    public static let areEnabled = ProcessInfo.processInfo.environment["LONG_TESTS"] == "1"
}
