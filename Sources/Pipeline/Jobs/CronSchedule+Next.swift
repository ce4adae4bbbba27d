public import Domain

extension CronSchedule {
    /// No schedule that is due at all is due later than this: 29 February may be eight years away.
    private static let farthestDays = 9 * 366

    /// The first moment after an instant at which the schedule is due, on the clocks of a zone; `nil` where it never is,
    /// such as on 30 February.
    ///
    /// Where both days of the month and of the week are given, either will do. A change of the clocks neither skips nor
    /// doubles: a time that the clocks leave out is due when they jump, and one that they show twice is due the first time.
    /// A schedule for every hour goes by the hours that there are.
    public func next(after instant: Instant, in zone: ClinicTimeZone) -> Instant? {
        guard canBeDue else { return nil }
        let today = zone.day(of: instant)
        for offset in -1...Self.farthestDays where matches(today + offset) {
            let due = moments(of: today + offset, in: zone).filter { $0 > instant }.min()
            if let due { return due }
        }
        return nil
    }

    /// Whether a day is one of its days.
    private func matches(_ day: Day) -> Bool {
        let date = day.date
        guard months.contains(date.month) else { return false }
        // 1970-01-01 was a Thursday, 4.
        let dayOfWeek = (Int(day.daysSinceEpoch) % 7 + 11) % 7
        let (inMonth, inWeek) = (daysOfMonth.contains(date.day), daysOfWeek.contains(dayOfWeek))
        return givesBothDays ? inMonth || inWeek : inMonth && inWeek
    }

    /// The moments of a day of its own at which it is due.
    private func moments(of day: Day, in zone: ClinicTimeZone) -> [Instant] {
        let clocks = LocalClocks(around: day, in: zone)
        let goesByHours = hours.count == 24
        return hours.sorted().flatMap { hour in
            minutes.sorted().flatMap { minute in
                let shown = clocks.instants(hour: hour, minute: minute)
                if shown.isEmpty { return goesByHours ? [] : [clocks.jump(over: hour, minute)] }
                return goesByHours ? shown : [shown[0]]
            }
        }
    }
}

/// What the clocks of a zone show on a day.
private struct LocalClocks {
    private let midnight: Int64
    private let zone: ClinicTimeZone
    /// Seconds east of UTC that are in force at some time around the day.
    private let offsets: [Int64]

    init(around day: Day, in zone: ClinicTimeZone) {
        self.zone = zone
        let midnight = Int64(day.daysSinceEpoch) * 86_400
        self.midnight = midnight
        // No zone is farther than 14 hours from UTC, and none changes its clocks twice in three hours.
        let samples = stride(from: midnight - 18 * 3600, through: midnight + 42 * 3600, by: 3 * 3600)
        offsets = Set(samples.map { Int64(zone.offset(at: Instant(seconds: $0))) }).sorted()
    }

    /// The moments at which the clocks show a time: one, two, or none.
    func instants(hour: Int, minute: Int) -> [Instant] {
        offsets.map { Instant(seconds: local(hour, minute) - $0) }.enumerated()
            .filter { Int64(zone.offset(at: $0.element)) == offsets[$0.offset] }
            .map(\.element).sorted()
    }

    /// The moment at which the clocks jump over a time that they do not show.
    func jump(over hour: Int, _ minute: Int) -> Instant {
        let local = local(hour, minute)
        var before = local - (offsets.last ?? 0)
        var after = local - (offsets.first ?? 0)
        let old = zone.offset(at: Instant(seconds: before))
        while after - before > 1 {
            let middle = (before + after) / 2
            if zone.offset(at: Instant(seconds: middle)) == old { before = middle } else { after = middle }
        }
        return Instant(seconds: after)
    }

    private func local(_ hour: Int, _ minute: Int) -> Int64 {
        midnight + Int64(hour) * 3600 + Int64(minute) * 60
    }
}
