import Domain

/// Something of treatments, found by the positions of herb and condition: for what is asked of millions of records, where to hash
/// each time takes longer than all the rest.
struct TreatmentTable<Value> {
    private let conditions: Int
    /// The place in `values` by condition, herb after herb; -1 where there is none.
    private var places: [Int32]
    /// In the order in which they came.
    private(set) var values: [Value] = []

    /// An empty table for the treatments of a clinic.
    init(of clinic: Clinic) {
        conditions = clinic.conditions.terms.count
        places = [Int32](repeating: -1, count: clinic.herbs.terms.count * conditions)
    }

    /// The place of a treatment's value in `values`; `nil` where there is none.
    @inline(__always)
    func place(_ herb: Int, _ condition: Int) -> Int? {
        let place = places[herb * conditions + condition]
        return place < 0 ? nil : Int(place)
    }

    /// The value of a treatment, which is made where there is none yet.
    @inline(__always)
    mutating func value(_ herb: Int, _ condition: Int, make: () -> Value) -> Value {
        if let place = place(herb, condition) { return values[place] }
        places[herb * conditions + condition] = Int32(values.count)
        values.append(make())
        return values[values.count - 1]
    }
}

extension TreatmentTable: Sendable where Value: Sendable {}
