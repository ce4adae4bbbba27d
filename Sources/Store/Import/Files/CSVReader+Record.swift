extension CSVReader {
    /// One record; its fields are valid until the next one is read.
    struct Record {
        /// Line on which it starts, from 1.
        let line: Int
        /// The places of its fields in `bytes`.
        let fields: [Range<Int>]
        /// The reader's buffer.
        let bytes: UnsafeRawBufferPointer

        /// How many fields it has.
        var count: Int { fields.count }

        /// The bytes of a field, unescaped.
        subscript(field: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[fields[field]])
        }
    }

    /// What is next in a file.
    enum Event {
        case record(Record)
        /// What begins at `line` is not a valid record.
        case malformed(line: Int, reason: String)
    }
}
