public import Domain
import Statistics

/// The trend of every subject of a level that has a case in the last 90 days.
public func trends(of tallies: Keyed<Subject, WindowTallies>) -> Keyed<Subject, Trend> {
    Keyed(
        joining: concurrentChunks(tallies.count) { positions in
            var chunk = Keyed<Subject, Trend>()
            for position in positions where tallies.values[position].days90.samples > 0 {
                chunk.append(tallies.keys[position], Trend(tallies.values[position]))
            }
            return chunk
        })
}
