import CYaml
import Domain

/// Checks YAML text event by event before a tree is built, so that the cost of a text is linear in its length.
///
/// Anchors, aliases and merge keys are refused: they let a few lines expand to any number of values. So are keys that are
/// lists or mappings, deep nesting, long values, many values, several documents, and characters that cannot be displayed.
struct DefinitionScan {
    /// Maximum nesting of mappings and lists.
    static let maxDepth = 16
    /// Maximum length of a key or value, in bytes of UTF-8.
    static let maxScalarBytes = 20_000
    /// Maximum number of keys, values, mappings and lists in a file.
    static let maxNodes = 100_000

    private let file: String
    private var open: [Container] = []
    private var nodes = 0
    private var documents = 0

    private enum Container {
        case sequence
        case mapping(expectsKey: Bool)
    }

    /// Checks a text. Syntax errors are left to the parser that follows.
    ///
    /// - Throws: `DefinitionError` with the line of the first violation.
    static func check(_ text: String, file: String) throws {
        var scan = DefinitionScan(file: file)
        var text = text
        try text.withUTF8 { try scan.run($0) }
    }

    private init(file: String) { self.file = file }

    private mutating func run(_ bytes: UnsafeBufferPointer<UInt8>) throws {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw DefinitionError(place: file, reason: "cannot be read; there is too little memory")
        }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(&parser, &event) == 1 else {
                // The scanner looks ahead of the events and has a limit of its own.
                if Self.text(parser.problem).hasPrefix("Maximum nesting") {
                    throw tooDeep(parser.problem_mark.line + 1)
                }
                return
            }
            defer { yaml_event_delete(&event) }
            if event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT { return }
            try look(at: event)
        }
    }

    private mutating func look(at event: yaml_event_t) throws {
        let line = event.start_mark.line + 1
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            documents += 1
            if documents > 1 { throw error(line, "begins a second document; a file holds one") }
        case YAML_ALIAS_EVENT:
            throw error(line, "has the alias '*\(Self.text(event.data.alias.anchor))'; write the value out instead")
        case YAML_SCALAR_EVENT: try look(at: event.data.scalar, line)
        case YAML_SEQUENCE_START_EVENT:
            try begin(.sequence, anchor: event.data.sequence_start.anchor, line)
        case YAML_MAPPING_START_EVENT:
            try begin(.mapping(expectsKey: true), anchor: event.data.mapping_start.anchor, line)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: _ = open.popLast()
        default: break
        }
    }

    private mutating func look(at scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, _ line: Int) throws
    {
        try refuseAnchor(scalar.anchor, line)
        let isKey = try addNode(line)
        guard scalar.length <= Self.maxScalarBytes else {
            throw error(line, "has a value of \(scalar.length) bytes; at most \(Self.maxScalarBytes) are read")
        }
        let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        if isKey, text == "<<", scalar.style == YAML_PLAIN_SCALAR_STYLE {
            throw error(line, "has the merge key '<<'; write the keys out instead")
        }
        if let unseen = text.unicodeScalars.first(where: { $0.isRefusedControl || $0.isNoncharacter }) {
            throw error(line, "has the character U+\(unseen.codePoint), which cannot be shown; remove it")
        }
    }

    private mutating func begin(_ container: Container, anchor: UnsafePointer<UInt8>?, _ line: Int) throws {
        try refuseAnchor(anchor, line)
        guard try !addNode(line) else {
            throw error(line, "has a list or mapping as a key; a key is a single value")
        }
        guard open.count < Self.maxDepth else { throw tooDeep(line) }
        open.append(container)
    }

    /// Counts a node.
    ///
    /// - Returns: whether it is a key.
    private mutating func addNode(_ line: Int) throws -> Bool {
        nodes += 1
        guard nodes <= Self.maxNodes else { throw error(line, "has more than \(Self.maxNodes) values") }
        guard case .mapping(let expectsKey) = open.last else { return false }
        open[open.count - 1] = .mapping(expectsKey: !expectsKey)
        return expectsKey
    }

    private func refuseAnchor(_ anchor: UnsafePointer<UInt8>?, _ line: Int) throws {
        guard let anchor else { return }
        throw error(
            line, "has the anchor '&\(Self.text(anchor))'; anchors and aliases are not read, write each value out")
    }

    private func tooDeep(_ line: Int) -> DefinitionError {
        error(line, "is nested more than \(Self.maxDepth) levels deep")
    }

    private func error(_ line: Int, _ reason: String) -> DefinitionError {
        DefinitionError(place: "\(file):\(line)", reason: reason)
    }

    private static func text(_ bytes: UnsafePointer<UInt8>?) -> String {
        bytes.map { String(String(cString: $0).prefix(40)) } ?? ""
    }

    private static func text(_ bytes: UnsafePointer<CChar>?) -> String { bytes.map { String(cString: $0) } ?? "" }
}
