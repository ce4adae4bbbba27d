import Domain
import Store

/// How many patients the cases of each subject of a level are from, in each window.
///
/// Shown beside samples, so that many answers of few patients are seen for what they are.
struct PatientCounts {
    private struct Key: Hashable {
        let subject: Subject
        let window: Window
    }

    private var patients: [Key: Set<PatientID>] = [:]

    /// Counts the patients in the records, up to the as-of day of the results. Blocks while it reads all cases of the windows.
    ///
    /// - Throws: `StoreError`.
    init(of input: ReportInput, at level: Level, in windows: [Window]) throws {
        let days = windows.contains(.all) ? nil : windows.compactMap(\.days).max()
        try input.forEachCase(days: days, notes: false) { item, _ in
            for window in windows where window.contains(item.day, asOf: input.asOf) {
                patients[Key(subject: item.subject(at: level), window: window), default: []].insert(item.patient)
            }
        }
    }

    /// How many there are of a subject in a window.
    subscript(subject: Subject, window: Window) -> Int {
        patients[Key(subject: subject, window: window)]?.count ?? 0
    }
}
