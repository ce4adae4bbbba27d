public import Configuration
public import Domain

/// What a store says when it cannot do what was asked.
public enum StoreError: Failure, Equatable {
    /// There is no database at the place.
    case missing(location: String)
    /// The location names an engine that this version does not have.
    case unknownEngine(location: String)
    /// The file is no database, or is damaged.
    case notADatabase(location: String, reason: String)
    /// The database was made by a newer version.
    case tooNew(location: String)
    /// The database cannot be opened or written.
    case cannotWrite(location: String, reason: String)
    /// There is a database where one is to be made.
    case exists(location: String)
    /// Another process holds the database.
    case busy(location: String)
    /// This process may not read or write the database.
    case notPermitted(location: String, Access, PermissionProblem)
    /// The schema is of an older version, and this process may not bring it up to date.
    case outdated(location: String, PermissionProblem)
    /// The database has changes in its log that this process may not bring into its file.
    case unmergedLog(location: String, PermissionProblem)
    /// The database has several names (hard links): each would have a log, a lock and a signal of its own.
    case hardLinked(location: String, names: Int)
    /// A file to write or read a backup is the database itself, or one of those beside it.
    case ownFile(path: String, location: String)
    /// A backup would replace a file that is not a backup.
    case notABackup(path: String)
    /// A file has a log beside it, so that it may be neither replaced nor copied without it.
    case hasLog(path: String, log: String)
    /// A name that records which are not imported have for their source.
    case reservedSource(String)
    /// A table has a row with so high a number, such as by a mistake, that none is left for a new row.
    case noFreeNumber(location: String, table: String, id: Int64)
    /// The engine refused for a reason that nobody foresaw.
    case engine(location: String, reason: String)

    /// What a process does with a database.
    public enum Access: String, Sendable {
        /// It reads.
        case read
        /// It writes.
        case write = "written"
    }

    /// One line: location, reason, what to do.
    public var description: String {
        switch self {
        case .missing(let location):
            "\(location): there is no database; make it with 'avicenna init' or 'avicenna import'"
        case .unknownEngine(let location):
            "\(location): is neither a path nor the URL of a known engine"
        case .notADatabase(let location, let reason):
            "\(location): is no sound database (\(reason)); restore it from a backup"
        case .tooNew(let location):
            "\(location): was made by a newer version of avicenna; install that version"
        case .cannotWrite(let location, let reason):
            "\(location): cannot be written (\(reason)); check free space and permissions"
        case .exists(let location):
            "\(location): there is a database already; replace it with --force"
        case .busy(let location):
            "\(location): is in use by another process; try again later"
        case .notPermitted(let location, let access, let problem):
            "\(location): cannot be \(access.rawValue): \(problem)"
        case .outdated(let location, let problem):
            "\(location): was made by an older version and must be brought up to date before it can be read: \(problem)"
        case .unmergedLog(let location, let problem):
            "\(location): has changes in its log that must be brought into it before it can be read: \(problem)"
        case .hardLinked(let location, let names):
            "\(location): has \(names) names (hard links), which cannot be kept apart; remove all but one, or copy it"
        case .ownFile(let path, let location):
            "\(path): belongs to the database \(location) itself; name another file"
        case .notABackup(let path):
            "\(path): there is a file already that is not a backup of avicenna; replace it with --force"
        case .hasLog(let path, let log):
            "\(path): is a database in use, with its log in \(log); name another file, or make a backup of it first"
        case .reservedSource(let source):
            "source '\(source)': is reserved for records that come through the API; name the source of the file otherwise"
        case .noFreeNumber(let location, let table, let id):
            "\(location): table \(table) has no free number after \(id); give that row its right number, or restore a backup"
        case .engine(let location, let reason):
            "\(location): \(reason)"
        }
    }

    /// 64, 65, 66, 70, 73, 75 or 78, by the kind of error.
    public var status: ExitStatus {
        switch self {
        case .missing, .notPermitted(_, .read, _): .missingInput
        case .unknownEngine, .tooNew, .hardLinked, .reservedSource: .configuration
        case .notADatabase, .noFreeNumber: .badData
        case .cannotWrite, .exists, .notPermitted(_, .write, _), .outdated, .unmergedLog, .notABackup, .hasLog:
            .cannotWrite
        case .ownFile: .usage
        case .busy: .tryAgain
        case .engine: .software
        }
    }
}
