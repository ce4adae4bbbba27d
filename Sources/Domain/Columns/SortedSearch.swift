extension Array where Element: Comparable {
    /// The position of an element among ascending ones, by binary search; `nil` where it is none of them.
    package func sortedPosition(of element: Element) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == element ? low : nil
    }
}
