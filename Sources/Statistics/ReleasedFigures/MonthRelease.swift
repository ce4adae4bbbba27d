// Section "Released figures" of docs/definitions.md.

public import Domain

/// Draws the release of a month. The result must be kept: to draw it twice costs twice the privacy loss.
///
/// A subject with patients that is not public yet becomes public where patients + noise reach the threshold of ε. Each public
/// subject gets a cell from its month of entry on, even without patients; `overall` always does.
///
/// - Parameters:
///   - month: the month.
///   - counts: the exact counts of the month; subjects without patients may be left out.
///   - publicSubjects: the subjects that became public in earlier months.
///   - epsilon: the privacy loss of each cell.
///   - releasedAt: when the noise is drawn.
///   - generator: where the noise comes from; outside of tests the system's secure generator.
public func releasedMonth(
    _ month: CalendarMonth, of counts: [ReleasedSubject: RatingCounts], after publicSubjects: Set<ReleasedSubject>,
    epsilon: PrivacyLoss, at releasedAt: Instant, using generator: inout some RandomNumberGenerator
) -> ReleasedMonth {
    let noise = epsilon.noise
    let always = publicSubjects.union([.overall])
    var entries: [ReleasedSubject] = []
    for subject in counts.keys.sorted() where !always.contains(subject) {
        guard let patients = counts[subject]?.total, patients > 0 else { continue }
        if patients + noise.sample(using: &generator) >= epsilon.entryThreshold { entries.append(subject) }
    }
    var cells: [ReleasedSubject: RatingCounts] = [:]
    for subject in always.union(entries).sorted() {
        let exact = counts[subject]?.counts ?? [Int](repeating: 0, count: 5)
        cells[subject] = RatingCounts(counts: exact.map { $0 + noise.sample(using: &generator) })
    }
    return ReleasedMonth(
        month: month, epsilon: epsilon, releasedAt: releasedAt, entries: entries, cells: cells)
}
