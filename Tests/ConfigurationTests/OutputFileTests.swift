import Configuration
import Domain
import Foundation
import TestSupport
import Testing

/// Files that appear whole: never through a link that somebody else planted, and never in place of what is not a file.
@Suite(.timeLimit(.minutes(30))) struct OutputFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.url.path))
    }

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("is written piece by piece, for its owner alone, and appears when it is committed")
    func commits() throws {
        let file = try OutputFile(at: folder.url.appending(path: "new/report.csv"), mode: 0o640)
        try file.write("a,b\n")
        try file.write(Array("1,2\n".utf8))
        #expect(try permissions(file.temporaryPath) == 0o600)
        #expect(!FileManager.default.fileExists(atPath: folder.path("new/report.csv")))
        try file.commit()
        #expect(try folder.read("new/report.csv") == "a,b\n1,2\n")
        #expect(try permissions(folder.path("new/report.csv")) == 0o640)
        #expect(try file.size() == 8)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("new")) == ["report.csv"])
    }

    @Test("leaves nothing behind and the older file whole where it is discarded")
    func discards() throws {
        try folder.write("old", to: "report.csv")
        let file = try OutputFile(at: folder.url.appending(path: "report.csv"), mode: 0o600)
        try file.write("new")
        file.discard()
        #expect(try names() == ["report.csv"])
        #expect(try folder.read("report.csv") == "old")
    }

    @Test("has a temporary name that nobody can guess")
    func randomNames() throws {
        let url = folder.url.appending(path: "report.csv")
        let files = try (0..<3).map { _ in try OutputFile(at: url, mode: 0o600) }
        #expect(Set(files.map(\.temporaryPath)).count == 3)
        for file in files { file.discard() }
    }

    @Test("replaces a symbolic link at its name and does not follow it")
    func replacesLinks() throws {
        try folder.write("precious", to: "victim")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("report.csv"), withDestinationPath: folder.path("victim"))
        let file = try OutputFile(at: folder.url.appending(path: "report.csv"), mode: 0o600)
        try file.write("new")
        try file.commit()
        #expect(try folder.read("victim") == "precious")
        #expect(try folder.read("report.csv") == "new")
    }

    @Test("is not renamed where something else took its temporary name")
    func refusesWhatReplacedIt() throws {
        try folder.write("precious", to: "victim")
        let file = try OutputFile(at: folder.url.appending(path: "report.csv"), mode: 0o600)
        try file.write("new")
        try FileManager.default.removeItem(atPath: file.temporaryPath)
        try FileManager.default.createSymbolicLink(
            atPath: file.temporaryPath, withDestinationPath: folder.path("victim"))
        #expect(throws: UnwritableFile.self) { try file.commit() }
        #expect(!FileManager.default.fileExists(atPath: folder.path("report.csv")))
        #expect(try folder.read("victim") == "precious")
        file.discard()
        // It is not ours.
        #expect(FileManager.default.fileExists(atPath: file.temporaryPath))
    }

    @Test("takes no name of a folder or device", arguments: ["folder", "device", "link to a device"])
    func refusesOthers(kind: String) throws {
        let path = kind == "device" ? "/dev/null" : folder.path("there")
        if kind == "folder" {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        } else if kind == "link to a device" {
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
        }
        let error = #expect(throws: UnwritableFile.self) { try OutputFile(at: URL(filePath: path), mode: 0o600) }
        #expect(error?.status == .cannotWrite)
        #expect(try names() == (kind == "device" ? [] : ["there"]))
    }

    @Test("removes what a killed process of the same user left, and nothing else")
    func removesRemains() throws {
        // No process has this number: it is beyond what kernels give.
        let dead = "99999999"
        let remains = ".report.csv.\(dead)-0123456789abcdef.part"
        let others = [
            ".report.csv.\(dead)", ".report.csv.\(dead)-0123456789abcdeg.part", ".report.csv.\(dead)-0123.part",
            ".report.csv.\(getpid())-0123456789abcdef.part", ".report.csv.-1-0123456789abcdef.part",
            ".other.csv.\(dead)-0123456789abcdef.part", ".report.csv.notes",
        ]
        for name in [remains] + others { try folder.write("x", to: name) }
        try folder.write("precious", to: "victim")
        let link = ".report.csv.\(dead)-fedcba9876543210.part"
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(link), withDestinationPath: folder.path("victim"))
        let file = try OutputFile(at: folder.url.appending(path: "report.csv"), mode: 0o600)
        try file.commit()
        #expect(try names() == Set(others + [link, "victim", "report.csv"]))
        #expect(try folder.read("victim") == "precious")
    }

    @Test("takes no name of a database, nor one with the log of a database beside it")
    func refusesDatabases() throws {
        let url = folder.url.appending(path: "clinic.db")
        try folder.write("SQLite format 3\0 and more", to: "clinic.db")
        #expect(throws: UnwritableFile.self) { try OutputFile(at: url, mode: 0o600) }
        let backup = try OutputFile(at: url, mode: 0o600, mayReplaceDatabase: true)
        try folder.write("log", to: "clinic.db-wal")
        #expect(throws: UnwritableFile.self) { try backup.commit() }
        backup.discard()
        try folder.write("letter", to: "clinic.db")
        #expect(throws: UnwritableFile.self) { try OutputFile(at: url, mode: 0o600) }
        #expect(try names() == ["clinic.db", "clinic.db-wal"])
        #expect(try folder.read("clinic.db") == "letter")
    }
}
