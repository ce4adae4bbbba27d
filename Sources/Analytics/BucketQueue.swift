/// A monotone priority queue of the nodes of a search, by a bound of 0…1 in buckets of 1/16, each a linked list (Dial 1969).
///
/// The order within a bucket is that of a stack: a node may be visited before one with a slightly smaller bound, which costs
/// little and changes no result.
struct BucketQueue {
    /// The last bucket, of the bound 1.
    static let buckets = 16

    private struct Entry: BitwiseCopyable {
        /// A line; a block where negative.
        let node: Int32
        let next: Int32
        let symptoms: Double
    }

    /// The first entry of each bucket; -1 where it is empty.
    private let first = ScratchBuffer<Int32>(buckets + 1)
    private let entries: ScratchBuffer<Entry>
    private var count = 0

    /// - Parameter capacity: how many nodes can be inserted between two calls of `removeAll`.
    init(capacity: Int) { entries = ScratchBuffer(capacity) }

    mutating func removeAll() {
        count = 0
        for bucket in 0...Self.buckets { first[bucket] = -1 }
    }

    /// Inserts a node, into a bucket that was not passed yet.
    ///
    /// - Parameters:
    ///   - symptoms: the bound of its symptom term.
    ///   - current: the bucket that nodes are taken from now.
    @inline(__always)
    mutating func insert(_ node: Int32, symptoms: Double, from current: Int) {
        let bucket = max(current, Int(symptoms * Double(Self.buckets)))
        entries[count] = Entry(node: node, next: first[bucket], symptoms: symptoms)
        first[bucket] = Int32(count)
        count += 1
    }

    /// Removes a node from a bucket; `nil` where it is empty.
    @inline(__always)
    mutating func popFirst(of bucket: Int) -> (node: Int32, symptoms: Double)? {
        guard first[bucket] >= 0 else { return nil }
        let entry = entries[Int(first[bucket])]
        first[bucket] = entry.next
        return (entry.node, entry.symptoms)
    }
}
