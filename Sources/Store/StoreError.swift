public import Domain
import Foundation
import GRDB

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
    /// The engine refused for a reason that nobody foresaw.
    case engine(location: String, reason: String)

    /// One line: location, reason, what to do.
    public var description: String {
        switch self {
        case .missing(let location):
            "\(location): there is no database; make it with 'avicenna init' or 'avicenna import'"
        case .unknownEngine(let location):
            "\(location): is no path and no sqlite: URL; name an SQLite file"
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
        case .engine(let location, let reason):
            "\(location): \(reason)"
        }
    }

    /// 66, 73, 75, 65, 78 or 70, by the kind of error.
    public var status: ExitStatus {
        switch self {
        case .missing: .missingInput
        case .unknownEngine, .tooNew: .configuration
        case .notADatabase: .badData
        case .cannotWrite, .exists: .cannotWrite
        case .busy: .tryAgain
        case .engine: .software
        }
    }
}

extension StoreError {
    /// Runs `body`, with errors of the engine told as errors of the store.
    static func translating<Value>(at location: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error, location: location)
        } catch is RowDecodingError {
            // It would say what stands in the row, which is nobody's business.
            throw StoreError.notADatabase(location: location, reason: "a number or text is of another kind")
        }
    }

    private init(_ error: DatabaseError, location: String) {
        let reason = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self = .notADatabase(location: location, reason: reason)
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self = .cannotWrite(location: location, reason: reason)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = .busy(location: location)
        default:
            self = .engine(location: location, reason: reason)
        }
    }
}
