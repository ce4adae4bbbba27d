import Foundation
import TestSupport
import Testing

/// Links between documents resolve, and the files that they name are there.
@Suite(.timeLimit(.minutes(5))) struct DocumentationTests {
    private static let documents: [String] = {
        let docs = try? FileManager.default.contentsOfDirectory(atPath: Repository.root.appending(path: "docs").path)
        return ["README.md", "CONTRIBUTING.md"]
            + (docs ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
    }

    /// The anchors of a document's headings, as GitHub makes them.
    private func anchors(of path: String) throws -> Set<String> {
        var anchors: Set<String> = []
        var isCode = false
        for line in try text(path).split(separator: "\n") {
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode, let heading = line.firstMatch(of: /^#+ +(.+)$/) else { continue }
            let words = heading.1.lowercased().filter {
                $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
            }
            anchors.insert(words.replacing(" ", with: "-"))
        }
        return anchors
    }

    @Test("links resolve", arguments: documents)
    func links(document: String) throws {
        let folder = Repository.root.appending(path: document).deletingLastPathComponent()
        for link in try text(document).matches(of: /\]\(([^)\s]+)\)/).map(\.1) where !link.contains("://") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let target = parts[0].isEmpty ? document : relative(folder.appending(path: String(parts[0])))
            #expect(
                FileManager.default.fileExists(atPath: Repository.root.appending(path: target).path),
                "\(document) links to \(link)")
            if parts.count == 2, target.hasSuffix(".md") {
                #expect(try anchors(of: target).contains(String(parts[1])), "\(document) links to \(link)")
            }
        }
    }

    private func relative(_ url: URL) -> String {
        String(url.standardizedFileURL.path.dropFirst(Repository.root.standardizedFileURL.path.count + 1))
    }

    @Test("each step of a walk through the code names files that exist")
    func walks() throws {
        var count = 0
        for line in try text("docs/architecture.md").split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, Int(cells[0]) != nil else { continue }
            var folder = ""
            for file in cells[1].matches(of: /`([^`]+\.swift)`/).map({ String($0.1) }) {
                if let slash = file.lastIndex(of: "/") { folder = String(file[...slash]) }
                let path = "Sources/" + (file.contains("/") ? file : folder + file)
                #expect(FileManager.default.fileExists(atPath: Repository.root.appending(path: path).path), "\(path)")
                count += 1
            }
        }
        #expect(count > 50)
    }

    @Test("definitions.md names files of Statistics that exist")
    func definitions() throws {
        let files = try FileManager.default.subpathsOfDirectory(
            atPath: Repository.root.appending(path: "Sources/Statistics").path)
        let named = try text("docs/definitions.md").matches(of: /`(\w+\.swift)`/).map { String($0.1) }
        for name in named { #expect(files.contains { $0.hasSuffix(name) }, "\(name)") }
        #expect(named.count > 10)
    }

    @Test func theReadmeCanBeReadInFiveMinutes() throws {
        #expect(try text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
    }
}
