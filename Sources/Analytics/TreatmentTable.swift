import Domain

/// Something of treatments, found by the positions of herb and condition: for what is asked of millions of records, where to hash
/// each time takes longer than all the rest.
struct TreatmentTable<Value> {
    private let conditions: Int
    /// The place in `values` by condition, herb after herb; -1 where there is none. Empty where there would be too many.
    private var places: [Int32] = []
    /// The same where there are many herbs and conditions, of which few come together.
    private var scattered: [Int: Int32] = [:]
    /// In the order in which they came.
    private(set) var values: [Value] = []

    /// An empty table for the treatments of a clinic.
    ///
    /// - Parameter most: the most pairs of herb and condition that each have a place of their own.
    init(of clinic: Clinic, most: Int = 1 << 24) {
        conditions = clinic.conditions.terms.count
        let pairs = clinic.herbs.terms.count * conditions
        if pairs <= most { places = [Int32](repeating: -1, count: pairs) }
    }

    /// The place of a treatment's value in `values`; `nil` where there is none.
    @inline(__always)
    func place(_ herb: Int, _ condition: Int) -> Int? {
        let pair = herb * conditions + condition
        if places.isEmpty { return scattered[pair].map { Int($0) } }
        let place = places[pair]
        return place < 0 ? nil : Int(place)
    }

    /// The place of a treatment's value in `values`, which is made where there is none yet.
    @inline(__always) @discardableResult
    mutating func place(_ herb: Int, _ condition: Int, make: () -> Value) -> Int {
        if let place = place(herb, condition) { return place }
        let (pair, place) = (herb * conditions + condition, values.count)
        if places.isEmpty { scattered[pair] = Int32(place) } else { places[pair] = Int32(place) }
        values.append(make())
        return place
    }
}

extension TreatmentTable: Sendable where Value: Sendable {}
