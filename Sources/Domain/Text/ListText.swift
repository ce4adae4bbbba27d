extension String {
    /// The parts of a list that a text joins by `;`, without empty ones. By scalars: a part may begin with what a writing
    /// system joins to the character before it.
    package var listParts: [String] {
        unicodeScalars.split(separator: ";").map { String($0) }
    }
}
