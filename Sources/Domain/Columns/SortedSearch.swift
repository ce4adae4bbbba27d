// Public, since what is inlinable for the package alone is not specialised in its other modules.

extension Range<Int> {
    /// The first position from which on a condition holds, found by halves; the end where it never does.
    @inlinable
    public func firstPosition(where holds: (Int) throws -> Bool) rethrows -> Int {
        var (low, high) = (lowerBound, upperBound)
        while low < high {
            let middle = (low + high) / 2
            if try holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Array where Element: Comparable {
    /// The position of an element among ascending ones, by binary search; `nil` where it is none of them.
    @inlinable
    public func sortedPosition(of element: Element) -> Int? {
        let position = indices.firstPosition { !(self[$0] < element) }
        return position < count && self[position] == element ? position : nil
    }
}

/// Finds elements among ascending ones, fast where they are asked for in ascending order.
public struct AscendingSearch<Element: Comparable> {
    @usableFromInline let elements: [Element]
    @usableFromInline var next = 0

    /// A search among ascending elements.
    @inlinable
    public init(in elements: [Element]) { self.elements = elements }

    /// The position of an element; `nil` where it is none of them.
    @inlinable
    public mutating func position(of element: Element) -> Int? {
        // Those that were passed over are few where most are asked for.
        for _ in 0..<16 where next < elements.count && elements[next] < element { next += 1 }
        if next < elements.count, elements[next] == element { return next }
        guard let position = elements.sortedPosition(of: element) else { return nil }
        next = position
        return position
    }
}
