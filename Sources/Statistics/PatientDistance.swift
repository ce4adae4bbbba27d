// Section "Similar patients" of docs/definitions.md. The order of neighbours is in Proximity.swift.

// Inlinable: a search evaluates the terms millions of times.
/// The terms of the distance between two patients, each 0…1 and 0 for patients who are alike.
///
/// The sets of symptoms are compared by the distance of Jaccard, P. (1912): The distribution of the flora in the alpine
/// zone. New Phytologist 11, 37–50.
///
/// A search computes bounds by the same operations in the same order as distances, so that rounding can never put a bound
/// above a distance that it bounds.
public enum PatientDistance {
    /// The term of two conditions that differ.
    @inlinable @inline(__always)
    public static var otherCondition: Double { 1.0 }
    /// The age term where a birth year is unknown.
    @inlinable @inline(__always)
    public static var unknownAge: Double { 0.5 }
    /// The term of two patients who are not known to be of the same sex.
    @inlinable @inline(__always)
    public static var otherSex: Double { 0.5 }
    /// The difference of birth years from which the age term is 1.
    @inlinable @inline(__always)
    static var yearsOfFullDifference: Double { 40 }
    /// How many of the nearest patients count as similar.
    @inlinable @inline(__always)
    public static var neighbours: Int { 20 }

    /// The term of an age difference in years, 0…1.
    @inlinable @inline(__always)
    public static func age(years: Int32) -> Double {
        min(Double(years) / yearsOfFullDifference, 1)
    }

    /// 1 - Jaccard of two sets, 0…1; 1 where either is empty.
    ///
    /// - Parameters:
    ///   - overlap: how many symptoms they share.
    ///   - sizes: the sum of their sizes.
    @inlinable @inline(__always)
    public static func symptoms(overlap: Int32, sizes: Int32) -> Double {
        overlap <= 0 ? 1 : 1 - Double(overlap) / Double(sizes - overlap)
    }

    /// The sum of the terms in billionths, rounded.
    @inlinable @inline(__always)
    public static func total(condition: Double, age: Double, sex: Double, symptoms: Double) -> Int64 {
        billionths(condition + age + sex + symptoms)
    }
}
