import ArgumentParser
import Domain
import Foundation
import Pipeline
import Store
import StoreSQLite

/// `avicenna backup`
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a backup of the database, while it is in use, and check it.")

    @Argument(help: "The file to write; an older backup of that name is replaced once the new one is whole.")
    var file: String

    @Flag(help: "Replace a file that is not a backup.")
    var force = false

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let location = try options.load().database
        let url = URL(filePath: file)
        try checkBackup(to: url, ofDatabaseAt: location, replace: force)
        let database = try openDatabaseForReading(at: location)
        try database.backUp(to: url, replace: force)
        let bytes = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
        try Terminal.show("\(file): a sound backup of \(database.location), \(bytes.counted("byte"))")
    }
}

/// `avicenna restore`
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the database what it was when a backup was written.")

    @Argument(help: "A file that 'avicenna backup' wrote.")
    var file: String

    @Flag(help: "Replace the database that is there.")
    var force = false

    @Option(help: "Seconds to wait while another process runs on the database.")
    var wait = 0

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let location = try databasePath(of: options.load().database)
        let lock = try await waitForRunLock(of: location, for: .seconds(wait), onWait: Log.noteWaiting) {
            try FileRunLock.take(ofDatabaseAt: location)
        }
        let revocations = try restoreDatabase(
            at: location, from: URL(filePath: file), replace: force, at: Terminal.now())
        let counts = try openDatabase(at: location).recordCounts()
        try Terminal.show("\(location): restored, with \(counts.words)")
        switch revocations {
        case .kept(0): break
        case .kept(let count):
            try Terminal.show(
                "kept \(count.counted("revocation")) that \(count == 1 ? "is" : "are") newer than the backup")
        case .everyone:
            try Terminal.show(
                "all tokens issued before now are revoked, because the revocations since the backup are not known; "
                    + "issue new ones")
        }
        withExtendedLifetime(lock) {}
    }
}
