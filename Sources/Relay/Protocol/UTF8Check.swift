/// Checks that bytes which come in pieces are UTF-8, and says so at the first that cannot be.
struct UTF8Check {
    /// Bytes of the current character that are still to come.
    private var expected = 0
    /// What the next of them may be; the second byte of some characters may not be any.
    private var next: ClosedRange<UInt8> = 0x80...0xBF

    /// Whether a character is complete.
    var isComplete: Bool { expected == 0 }

    /// - Returns: whether all may still be well.
    mutating func read(_ bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes {
            guard read(byte) else { return false }
        }
        return true
    }

    private mutating func read(_ byte: UInt8) -> Bool {
        if expected > 0 {
            guard next.contains(byte) else { return false }
            expected -= 1
            next = 0x80...0xBF
            return true
        }
        switch byte {
        case 0...0x7F: return true
        case 0xC2...0xDF: expected = 1
        case 0xE0: (expected, next) = (2, 0xA0...0xBF)  // shorter forms exist
        case 0xED: (expected, next) = (2, 0x80...0x9F)  // surrogates
        case 0xE1...0xEF: expected = 2
        case 0xF0: (expected, next) = (3, 0x90...0xBF)
        case 0xF1...0xF3: expected = 3
        case 0xF4: (expected, next) = (3, 0x80...0x8F)  // beyond U+10FFFF
        default: return false
        }
        return true
    }
}
