/// Writes whole numbers in as few bytes as they need, seven bits a byte, and others as they are.
struct PackedWriter {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    @inline(__always)
    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// A number that is small where it is not negative.
    @inline(__always)
    mutating func append(count: Int64) {
        var rest = UInt64(bitPattern: count)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func append(count: Int32) { append(count: Int64(count)) }

    /// A number that is small either way.
    @inline(__always)
    mutating func append(difference: Int64) { append(count: difference << 1 ^ difference >> 63) }

    /// A text after its length in bytes.
    mutating func append(text: String) {
        append(count: Int64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ number: Double) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> UInt64(shift)))
        }
    }
}

/// Reads what a `PackedWriter` wrote. What is missing or too large reads as 0, and is told by `isBroken`.
struct PackedReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Whether more was read than there is, or something that no `PackedWriter` wrote.
    private(set) var isBroken = false

    /// A reader of bytes that outlive it.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    @inline(__always)
    mutating func byte() -> UInt8 {
        guard position < bytes.count else {
            isBroken = true
            return 0
        }
        defer { position += 1 }
        return bytes[position]
    }

    @inline(__always)
    mutating func count() -> Int64 {
        // Most are so small.
        if position < bytes.count, bytes[position] < 0x80 {
            defer { position += 1 }
            return Int64(bytes[position])
        }
        return longCount()
    }

    private mutating func longCount() -> Int64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let byte = byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int64(bitPattern: value) }
            shift += 7
        }
        isBroken = true
        return 0
    }

    @inline(__always)
    mutating func count32() -> Int32 {
        let count = count()
        guard 0...Int64(Int32.max) ~= count else {
            isBroken = true
            return 0
        }
        return Int32(truncatingIfNeeded: count)
    }

    @inline(__always)
    mutating func difference() -> Int64 {
        let value = UInt64(bitPattern: count())
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A text that follows its length; `nil` where it is not valid UTF-8.
    mutating func text() -> String? {
        let count = count()
        guard 0...Int64(bytes.count - position) ~= count else {
            isBroken = true
            return nil
        }
        defer { position += Int(count) }
        return String(validating: bytes[position..<position + Int(count)], as: UTF8.self)
    }

    mutating func double() -> Double {
        guard position + 8 <= bytes.count else {
            isBroken = true
            return 0
        }
        defer { position += 8 }
        return Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
    }
}
