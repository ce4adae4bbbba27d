// Section "Cohorts" of docs/definitions.md.

public import Domain

extension Cohort {
    /// Share of the cases that are a success, 0…1; needs at least one case.
    public var rate: Double { Double(successes) / Double(samples) }

    /// Wilson score interval of the rate, two-sided 95 %, inside 0…1; needs at least one case.
    public var interval: ClosedRange<Double> {
        wilsonInterval(successes: Int(successes), samples: Int(samples))
    }
}
