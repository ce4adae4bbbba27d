/// A noncharacter by its number; Swift has no literals for them.
public func noncharacter(_ value: UInt32) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(value) else { preconditionFailure("U+\(value) is a surrogate") }
    return scalar
}
