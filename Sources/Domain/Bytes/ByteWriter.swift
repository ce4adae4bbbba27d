/// Writes values as bytes: whole numbers and lengths as LEB128, seven bits a byte, least significant first.
///
/// Stored pages, blocks and deltas consist of these bytes, so the encodings never change.
///
/// Public, because Swift inlines no `package` function into another module, and millions of rows are read and written in a run.
public struct ByteWriter: Sendable {
    @usableFromInline var storage: [UInt8] = []

    /// An empty writer.
    @inlinable public init() {}

    /// The bytes written so far.
    @inlinable public var bytes: [UInt8] { storage }

    /// The number of bytes written so far.
    @inlinable public var count: Int { storage.count }

    /// Removes the bytes, but keeps their memory.
    @inlinable
    public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

    /// Appends a byte.
    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) { storage.append(byte) }

    /// Appends a number that is usually small and not negative: 1 byte up to 127, 10 bytes for any negative number.
    @inlinable @inline(__always)
    public mutating func append(count: Int64) {
        var rest = UInt64(bitPattern: count)
        while rest >= 0x80 {
            storage.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        storage.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a number that is usually small and not negative, as the same number of 64 bits.
    @inlinable @inline(__always)
    public mutating func append(count: Int32) { append(count: Int64(count)) }

    /// Appends a number of usually small magnitude, zigzag-encoded: 1 byte for -64…63.
    @inlinable @inline(__always)
    public mutating func append(difference: Int64) { append(count: difference << 1 ^ difference >> 63) }

    /// Appends the 8 bytes of a number (IEEE 754), least significant first.
    @inlinable
    public mutating func append(_ number: Double) {
        for shift in stride(from: 0, to: 64, by: 8) {
            storage.append(UInt8(truncatingIfNeeded: number.bitPattern >> UInt64(shift)))
        }
    }

    /// Appends a text as UTF-8, after its number of bytes.
    @inlinable
    public mutating func append(_ text: String) {
        append(count: Int64(text.utf8.count))
        storage.append(contentsOf: text.utf8)
    }
}
