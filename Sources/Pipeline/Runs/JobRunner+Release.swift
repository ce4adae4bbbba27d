import Analytics
import Domain
import Store

extension JobRunner {
    /// Days after the end of a month before its figures are released, in which late feedback comes in.
    private static let waitAfterMonth = 7

    /// The last day of the month whose figures a run is to release to anybody; `nil` where it is to release none.
    ///
    /// A month is released once, by a run of all stages that new feedback did not trigger, and not before both the logical
    /// day of the run and the clock are some days past its end. So what happens on a day or in an hour never shows.
    ///
    /// - Parameter released: the last day of the latest month that was released.
    func monthToRelease(by order: RunOrder, after released: Day?) -> Day? {
        guard order.mayRelease else { return nil }
        let today = settings.timezone.day(of: now())
        let month = (min(order.asOf, today) - Self.waitAfterMonth).endOfLatestMonth
        if let released, released >= month { return nil }
        return month
    }

    /// The figures of a month, beside what is released already.
    func release(
        of month: Day, _ linked: LinkedClinic, beside blocks: [PublicBlock]
    ) -> Results.MonthRelease {
        Results.MonthRelease(
            month: month,
            blocks: newPublicBlocks(
                of: linked, upTo: month, beside: PublicRelease.byTreatment(blocks),
                fewest: settings.api.publicMinimum, successRating: settings.successRating))
    }
}

extension RunOrder {
    /// Whether the run may release figures to anybody.
    var mayRelease: Bool {
        isWhole && trigger != .feedback && Stage.allCases.allSatisfy { $0 == .reports || stages.contains($0) }
    }
}
