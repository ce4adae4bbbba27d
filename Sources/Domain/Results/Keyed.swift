/// What results consist of.
public protocol ResultRow: Sendable {
    /// How many of them are kept.
    associatedtype Column: ResultColumn & Sendable = [Self] where Column.Element == Self
}

/// Values by position, from 0.
public protocol ResultColumn: RandomAccessCollection where Index == Int {
    /// No values.
    init()
    /// Makes room for values that will be appended.
    mutating func reserveCapacity(_ count: Int)
    /// Adds a value after all others.
    mutating func append(_ value: Element)
    /// Adds values after all others.
    mutating func append(contentsOf others: Self)
}

extension Array: ResultColumn {}

/// Results by key: `values[i]` belongs to `keys[i]`, and keys strictly ascend.
public struct Keyed<Key: Comparable & Sendable, Value: ResultRow>: Sendable {
    /// Strictly ascending.
    public private(set) var keys: [Key] = []
    /// As many as there are keys.
    public private(set) var values = Value.Column()

    /// No results.
    public init() {}

    /// Results whose keys strictly ascend.
    public init(keys: [Key], values: Value.Column) {
        precondition(keys.count == values.count, "each key has one value")
        self.keys = keys
        self.values = values
    }

    /// Results whose keys strictly ascend.
    public init(keys: [Key], values: some Collection<Value>) {
        var column = Value.Column()
        column.reserveCapacity(values.count)
        for value in values { column.append(value) }
        self.init(keys: keys, values: column)
    }

    /// Results in parts, each of keys after those of the part before.
    public init(joining parts: [Self]) {
        reserveCapacity(parts.reduce(0) { $0 + $1.count })
        for part in parts {
            keys += part.keys
            values.append(contentsOf: part.values)
        }
    }

    /// How many results there are.
    public var count: Int { keys.count }

    /// Makes room for results that will be appended.
    public mutating func reserveCapacity(_ count: Int) {
        keys.reserveCapacity(count)
        values.reserveCapacity(count)
    }

    /// Adds a result whose key lies after all that stand already.
    public mutating func append(_ key: Key, _ value: Value) {
        keys.append(key)
        values.append(value)
    }

    /// The value of a key, by binary search; `nil` where the key has none.
    @inlinable
    public subscript(key: Key) -> Value? {
        keys.sortedPosition(of: key).map { values[$0] }
    }
}

extension Keyed where Value.Column == [Value] {
    /// Changes each value where it stands.
    public mutating func mapValues(_ body: (inout Value) -> Void) {
        for position in values.indices { body(&values[position]) }
    }
}

extension Keyed: Equatable where Value.Column: Equatable {}
