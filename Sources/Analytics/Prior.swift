public import Domain

/// The beta prior of a level in a window, by the method of moments over its subjects with at least five cases.
///
/// `Prior.uninformed` where there are fewer than two such subjects, or where all succeed or all fail.
public func prior(of tallies: some Sequence<WindowTallies>, in window: Window) -> Prior {
    var shares = ShareCounts()
    for tallies in tallies { shares.count(tallies[window]) }
    return shares.prior
}
