/// Reads what a `ByteWriter` wrote.
///
/// Reading never leaves the bytes: a value that is missing or out of range reads as 0 or as an empty text, and sets
/// `isBroken`.
public struct ByteReader {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var position: Int
    @usableFromInline var hasFailed = false

    /// A reader from an offset on. The bytes must outlive it.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0) {
        self.bytes = bytes
        position = max(0, offset)
    }

    /// Whether a value was missing, or not one that `ByteWriter` writes.
    @inlinable public var isBroken: Bool { hasFailed }

    /// Whether all bytes were read.
    @inlinable public var isAtEnd: Bool { position >= bytes.count }

    /// Reads a byte.
    @inlinable @inline(__always)
    public mutating func byte() -> UInt8 {
        guard position < bytes.count else {
            hasFailed = true
            return 0
        }
        defer { position += 1 }
        return bytes[position]
    }

    /// Reads what `append(count:)` wrote.
    @inlinable @inline(__always)
    public mutating func count() -> Int64 {
        // Most numbers take one byte.
        if position < bytes.count, bytes[position] < 0x80 {
            defer { position += 1 }
            return Int64(bytes[position])
        }
        return longCount()
    }

    @usableFromInline
    mutating func longCount() -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let byte = byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: value) }
            shift += 7
        }
        hasFailed = true
        return 0
    }

    /// Reads what `append(count:)` wrote: 0…2,147,483,647.
    @inlinable @inline(__always)
    public mutating func count32() -> Int32 {
        let count = count()
        guard 0...Int64(Int32.max) ~= count else {
            hasFailed = true
            return 0
        }
        return Int32(truncatingIfNeeded: count)
    }

    /// Reads what `append(difference:)` wrote.
    @inlinable @inline(__always)
    public mutating func difference() -> Int64 {
        let value = UInt64(bitPattern: count())
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Reads a number of 8 bytes.
    @inlinable
    public mutating func double() -> Double {
        guard position + 8 <= bytes.count else {
            hasFailed = true
            return 0
        }
        defer { position += 8 }
        return Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
    }

    /// Reads a text. Bytes that are not UTF-8 become U+FFFD.
    @inlinable
    public mutating func text() -> String {
        let count = count()
        guard position <= bytes.count, 0...Int64(bytes.count - position) ~= count else {
            hasFailed = true
            return ""
        }
        defer { position += Int(count) }
        return String(
            decoding: UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)]), as: UTF8.self)
    }
}
