import Domain
import TestSupport
import Testing

/// `ByteReader` reads what `ByteWriter` wrote, and nothing beyond it.
@Suite(.timeLimit(.minutes(30))) struct ByteReaderTests {
    @Test("reads each kind of value as it was written", arguments: 0..<20)
    func readsWhatWasWritten(seed: Int) {
        var random = TestRandom(seed)
        let numbers = (0..<50).map { _ in
            Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random)
        }
        let text = String(repeating: "گل x", count: seed)
        var writer = ByteWriter()
        for number in numbers {
            writer.append(UInt8(truncatingIfNeeded: number))
            writer.append(count: number)
            writer.append(difference: number)
            writer.append(Double(bitPattern: UInt64(bitPattern: number)))
            writer.append(text)
        }
        writer.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            for number in numbers {
                #expect(reader.byte() == UInt8(truncatingIfNeeded: number))
                #expect(reader.count() == number)
                #expect(reader.difference() == number)
                #expect(reader.double().bitPattern == UInt64(bitPattern: number))
                #expect(reader.text() == text)
            }
            #expect(reader.isAtEnd && !reader.isBroken)
        }
    }

    @Test("keeps the stored encodings")
    func encodings() {
        var writer = ByteWriter()
        writer.append(count: Int32(127))
        writer.append(count: Int64(300))
        writer.append(difference: -1)
        writer.append(difference: 64)
        writer.append(1.5)
        writer.append("ab")
        #expect(writer.bytes == [127, 0xAC, 2, 1, 0x80, 1, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 2, 97, 98])
        writer.removeAll()
        writer.append(count: Int64(-1))
        #expect(writer.bytes == Array(repeating: 0xFF, count: 9) + [1])
    }

    @Test(
        "reads a missing or invalid value as 0 and reports it",
        arguments: [
            [], [0x80], Array(repeating: 0xFF, count: 11), [200, 1],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1],
        ] as [[UInt8]])
    func isBounded(bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var texts = ByteReader(bytes)
            #expect(texts.text().isEmpty && texts.isBroken)
            var beyond = ByteReader(bytes, from: bytes.count + 1)
            #expect(beyond.byte() == 0 && beyond.double() == 0 && beyond.text().isEmpty && beyond.isBroken)
        }
    }
}
