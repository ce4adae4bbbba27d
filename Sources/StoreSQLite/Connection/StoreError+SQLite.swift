import Domain
import Foundation
import GRDB
import Store

extension StoreError {
    /// Runs `body`, with errors of the engine told as errors of the store.
    static func translating<Value>(at location: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error, location: location)
        } catch let error as DamagedData {
            throw StoreError.notADatabase(location: location, reason: error.reason)
        } catch let error as NoFreeNumber {
            throw StoreError.noFreeNumber(location: location, table: error.table, id: error.id)
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
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_IOERR:
            let files = DatabaseFiles(ofDatabaseAt: location)
            if let problem = files.readProblem {
                self = .notPermitted(location: location, .read, problem)
            } else if let problem = files.writeProblem {
                self = .notPermitted(location: location, .write, problem)
            } else {
                self = .cannotWrite(location: location, reason: reason)
            }
        case .SQLITE_FULL:
            self = .cannotWrite(location: location, reason: reason)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = .busy(location: location)
        default:
            self = .engine(location: location, reason: reason)
        }
    }
}
