import Dispatch

/// The values of `body` for `0..<count`, in order, computed on all cores.
func concurrentMap<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Value) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        for index in 0..<count {
            group.addTask { (index, body(index)) }
        }
        var values = [Value?](repeating: nil, count: count)
        for await (index, value) in group {
            values[index] = value
        }
        return values.compactMap { $0 }
    }
}

/// The values of `body` for consecutive chunks of `0..<count`, in order, computed on all cores. Blocks until all are computed.
///
/// - Parameter minimumSize: the size from which a chunk is worth its overhead.
func concurrentChunks<Value: Sendable>(
    _ count: Int, minimumSize: Int = 1024, _ body: @Sendable (Range<Int>) -> Value
) -> [Value] {
    // More chunks than cores, so that one that takes long does not hold up the rest.
    let chunks = max(1, min(16, count / minimumSize))
    return [Value](unsafeUninitializedCapacity: chunks) { values, initialized in
        nonisolated(unsafe) let values = values  // each chunk initializes its own element
        DispatchQueue.concurrentPerform(iterations: chunks) { chunk in
            let range = count * chunk / chunks..<count * (chunk + 1) / chunks
            values.initializeElement(at: chunk, to: body(range))
        }
        initialized = chunks
    }
}

/// The values of `body` for `0..<count`, in order, computed on all cores. Blocks until all are computed.
@inline(__always)
func concurrentArray<Value: BitwiseCopyable & Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { values, initialized in
        nonisolated(unsafe) let values = values  // each chunk initializes its own elements
        _ = concurrentChunks(count) { range in
            for number in range { values.initializeElement(at: number, to: body(number)) }
        }
        initialized = count
    }
}

/// Arrays concatenated on all cores, and the offset of each in the result. Blocks until all are copied.
func concurrentlyJoined<Element: BitwiseCopyable & Sendable>(
    _ arrays: [[Element]]
) -> (all: [Element], offsets: [Int]) {
    var offsets: [Int] = []
    var count = 0
    for array in arrays {
        offsets.append(count)
        count += array.count
    }
    let all = [Element](unsafeUninitializedCapacity: count) { all, initialized in
        nonisolated(unsafe) let all = all  // the ranges of the arrays are disjoint
        _ = concurrentChunks(arrays.count, minimumSize: 1) { [offsets] numbers in
            for number in numbers {
                _ = UnsafeMutableBufferPointer(rebasing: all[offsets[number]...]).initialize(from: arrays[number])
            }
        }
        initialized = count
    }
    return (all, offsets)
}
