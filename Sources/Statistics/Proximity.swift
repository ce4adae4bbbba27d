// Section "Similar patients" of docs/definitions.md: the order of neighbours.

public import Domain

/// How a neighbour compares with others of a search: the nearer first, and of equal distances the more recent.
@frozen
public struct Proximity: Comparable, Sendable {
    /// The distance in billionths, rounded.
    public var distance: Int64
    /// What decides between equal distances.
    public var recency: Recency

    /// A neighbour at a distance in billionths.
    @inlinable @inline(__always)
    public init(distance: Int64, recency: Recency) {
        self.distance = distance
        self.recency = recency
    }

    /// The nearer neighbour comes first.
    @inlinable @inline(__always)
    public static func < (left: Self, right: Self) -> Bool {
        left.distance != right.distance ? left.distance < right.distance : left.recency < right.recency
    }
}

/// How recent a neighbour's case is: the newer instant first, then the smaller patient id.
@frozen
public struct Recency: Hashable, Comparable, Sendable {
    /// The instant of the case.
    public var instant: Instant
    /// A number that ascends with the patient's id, such as a position.
    public var patient: Int32

    /// The recency of a patient's case.
    @inlinable @inline(__always)
    public init(instant: Instant, patient: Int32) {
        self.instant = instant
        self.patient = patient
    }

    /// The preferred one comes first.
    @inlinable @inline(__always)
    public static func < (left: Self, right: Self) -> Bool {
        left.instant != right.instant ? left.instant > right.instant : left.patient < right.patient
    }
}
