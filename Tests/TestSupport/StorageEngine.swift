public import Store
import StoreSQLite

/// A storage engine under test. Tests of what every engine does take it as their argument: `@Test(arguments: StorageEngine.all)`.
///
/// To run them on another engine, add it to `all`.
public struct StorageEngine: Sendable, CustomStringConvertible {
    /// The engines that implement all ports.
    public static let all: [Self] = [.sqlite]

    /// The name of the engine in the output of tests.
    public let description: String
    private let openDatabase: @Sendable (_ name: String, _ folder: TemporaryFolder) throws -> any ClinicStore

    /// An engine.
    ///
    /// - Parameters:
    ///   - description: its name in the output of tests.
    ///   - openDatabase: opens the database of a name that belongs to a folder, and makes it where there is none.
    public init(
        _ description: String,
        openDatabase: @escaping @Sendable (_ name: String, _ folder: TemporaryFolder) throws -> any ClinicStore
    ) {
        self.description = description
        self.openDatabase = openDatabase
    }

    /// Opens a database, and makes it where there is none. It lasts as long as the folder, which the caller holds; another call
    /// with the same folder and name opens the same database again.
    ///
    /// - Parameters:
    ///   - name: tells the databases of one folder apart.
    ///   - folder: the folder that the database belongs to.
    /// - Throws: `StoreError`.
    public func open(_ name: String = "clinic", in folder: TemporaryFolder) throws -> any ClinicStore {
        try openDatabase(name, folder)
    }

    /// Opens a database that a clinic was written to. It lasts as long as the folder.
    ///
    /// - Throws: `StoreError`.
    public func open(
        _ name: String = "clinic", with clinic: TestClinic, in folder: TemporaryFolder
    ) throws -> any ClinicStore {
        let database = try open(name, in: folder)
        try clinic.write(to: database)
        return database
    }

    /// Files in WAL mode.
    public static let sqlite = Self("SQLite") { name, folder in
        try StoreSQLite.openDatabase(at: folder.path("\(name).db"), create: true)
    }
}
