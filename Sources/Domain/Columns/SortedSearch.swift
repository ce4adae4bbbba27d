extension Array where Element: Comparable {
    /// The position of an element among ascending ones, by binary search; `nil` where it is none of them.
    @inlinable
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

/// Finds elements among ascending ones, fast where they are asked for in ascending order.
package struct AscendingSearch<Element: Comparable> {
    @usableFromInline let elements: [Element]
    @usableFromInline var next = 0

    /// A search among ascending elements.
    @inlinable
    package init(in elements: [Element]) { self.elements = elements }

    /// The position of an element; `nil` where it is none of them.
    @inlinable
    package mutating func position(of element: Element) -> Int? {
        // Those that were passed over are few where most are asked for.
        for _ in 0..<16 where next < elements.count && elements[next] < element { next += 1 }
        if next < elements.count, elements[next] == element { return next }
        guard let position = elements.sortedPosition(of: element) else { return nil }
        next = position
        return position
    }
}
