import Foundation

/// What the kernel tells in files of lines such as "VmHWM: 1024 kB".
struct KernelFigures {
    private let figures: [Substring: Int]

    /// No figures where there is no such file.
    init(path: String) {
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        let pairs = text.split(separator: "\n").compactMap { line -> (Substring, Int)? in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, words[0].last == ":", let figure = Int(words[1]) else { return nil }
            return (words[0].dropLast(), figure)
        }
        figures = Dictionary(pairs) { first, _ in first }
    }

    /// A figure that is told in kB, in bytes; `nil` where there is none of that name.
    func bytes(_ name: Substring) -> Int? { figures[name].map { $0 * 1024 } }
}
