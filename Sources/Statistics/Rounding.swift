// Section "Terms" of docs/definitions.md: numbers that are compared after rounding.

// Inlinable: a search rounds each distance.
/// A number rounded to 9 decimals, as a whole number that compares exactly.
@inlinable @inline(__always)
public func billionths(_ number: Double) -> Int64 {
    Int64((number * 1e9).rounded())
}

/// A number rounded to 12 decimals, so that a difference of two rates that should be 0.05 is 0.05.
func roundedToTwelveDecimals(_ number: Double) -> Double {
    (number * 1e12).rounded() / 1e12
}
