extension String {
    /// What a formula may begin with in a spreadsheet; some read the wide forms as well.
    private static let formulaStarts = Set("=+-@\t\r\n＝＋－＠".unicodeScalars)

    /// The text with an apostrophe in front where a spreadsheet would take it for a formula; else the text itself.
    package var withFormulaGuard: String {
        // By scalars: a mark may join the first of them to another character.
        guard let first = unicodeScalars.first, Self.formulaStarts.contains(first) else { return self }
        return "'" + self
    }
}
