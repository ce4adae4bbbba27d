import Domain

/// Values of treatments, indexed by the positions of herb and condition: a dense table for lookups by the million, where hashing
/// would take longer than everything else.
struct TreatmentTable<Value> {
    private let conditions: Int
    /// The index in `values` by herb and condition, row-major; -1 where there is none. Empty where the table would be too large.
    private var dense: [Int32] = []
    /// The same by hashing, where there are many herbs and conditions of which few occur together.
    private var sparse: [Int: Int32] = [:]
    /// In the order in which they were added.
    private(set) var values: [Value] = []

    /// An empty table for the treatments of a clinic.
    ///
    /// - Parameter maxPairs: pairs of herb and condition up to which the table is dense.
    init(of clinic: Clinic, maxPairs: Int = 1 << 24) {
        conditions = clinic.conditions.terms.count
        let pairs = clinic.herbs.terms.count * conditions
        if pairs <= maxPairs { dense = [Int32](repeating: -1, count: pairs) }
    }

    /// The index of a treatment's value in `values`; `nil` where there is none.
    @inline(__always)
    func index(_ herb: Int, _ condition: Int) -> Int? {
        let pair = herb * conditions + condition
        if dense.isEmpty { return sparse[pair].map { Int($0) } }
        let index = dense[pair]
        return index < 0 ? nil : Int(index)
    }

    /// The index of a treatment's value in `values`, which is added where there is none yet.
    @inline(__always) @discardableResult
    mutating func index(_ herb: Int, _ condition: Int, make: () -> Value) -> Int {
        if let index = index(herb, condition) { return index }
        let (pair, index) = (herb * conditions + condition, values.count)
        if dense.isEmpty { sparse[pair] = Int32(index) } else { dense[pair] = Int32(index) }
        values.append(make())
        return index
    }
}

extension TreatmentTable: Sendable where Value: Sendable {}
