import Configuration
import Store
import Testing

extension ImportMapping {
    /// The YAML of a mapping with no more than the fields that each must have.
    static let minimal = """
        source: elsewhere
        fields:
          mizaj_type: {value: motadel}
          condition: {column: c}
          herb: {column: h}
          rating: {column: r, scale: [0, 10]}
          created_at: {column: d, formats: [yyyy-MM-dd HH:mm]}

        """
}

/// Mappings of flat files from elsewhere.
@Suite(.timeLimit(.minutes(30))) struct ImportMappingTests {
    @Test(
        arguments: [
            ("sorce: x\n", ":1: sorce: is no known key; did you mean 'source'?"),
            ("fields: {}\n", ": source: is missing"),
            ("source: clinic\nfields: {}\n", "choose another"),
            ("source: x\nfields:\n  herb: {column: h}\n", "fields.mizaj_type: is missing"),
            (ImportMapping.minimal + "  hreb: {column: h}\n", ":8: fields.hreb: is no known key; did you mean 'herb'?"),
            (ImportMapping.minimal + "  sex: {column: s, value: male}\n", "fields.sex.column: either column or value"),
            (ImportMapping.minimal + "  sex: {column: s, scale: [1, 2]}\n", "fields.sex.scale: is no known key"),
            (
                ImportMapping.minimal + "  compliance: {column: s, scale: [2, 1]}\n",
                "must be the lowest and the highest value"
            ),
            (
                ImportMapping.minimal + "  deleted_at: {column: s, formats: [dd.MM.yyy]}\n",
                "'dd.MM.yyy' is not a date form"
            ),
            (ImportMapping.minimal + "  age: {column: a}\n  birth_year: {column: b}\n", "is there beside birth_year"),
        ])
    func namesWhatIsWrongInAMapping(yaml: String, expected: String) throws {
        let error = #expect(throws: DefinitionError.self) {
            try ImportMapping(Definition(text: yaml, file: "map.yaml"))
        }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }
}
