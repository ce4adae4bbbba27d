import Dispatch

/// The values of `body` for `0..<count`, in order, computed on all cores.
func inParallel<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Value) async -> [Value] {
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

/// What `body` makes of each part of `0..<count`, in order, computed on all cores. Waits for them.
///
/// - Parameter least: how many make a part of their own worth while.
func inParts<Value: Sendable>(
    _ count: Int, ofAtLeast least: Int = 1024, _ body: @Sendable (Range<Int>) -> Value
) -> [Value] {
    // More parts than cores, so that one that takes long is not waited for.
    let parts = max(1, min(16, count / least))
    return [Value](unsafeUninitializedCapacity: parts) { values, initialized in
        nonisolated(unsafe) let places = values  // each part initializes its own place
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = count * part / parts..<count * (part + 1) / parts
            places.initializeElement(at: part, to: body(range))
        }
        initialized = parts
    }
}

/// What `body` makes of each number in `0..<count`, in order, computed on all cores. Waits for them.
@inline(__always)
func inParts<Value: BitwiseCopyable & Sendable>(of count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { values, initialized in
        nonisolated(unsafe) let places = values  // each part initializes its own places
        _ = inParts(count) { range in
            for number in range { places.initializeElement(at: number, to: body(number)) }
        }
        initialized = count
    }
}

/// Parts as one, copied on all cores, and where each begins in it. Waits for them.
func joinedInParallel<Element: BitwiseCopyable & Sendable>(_ parts: [[Element]]) -> (all: [Element], starts: [Int]) {
    var starts: [Int] = []
    var count = 0
    for part in parts {
        starts.append(count)
        count += part.count
    }
    let all = [Element](unsafeUninitializedCapacity: count) { all, initialized in
        nonisolated(unsafe) let all = all  // each part has places of its own
        _ = inParts(parts.count, ofAtLeast: 1) { [starts] numbers in
            for number in numbers {
                _ = UnsafeMutableBufferPointer(rebasing: all[starts[number]...]).initialize(from: parts[number])
            }
        }
        initialized = count
    }
    return (all, starts)
}
