import Domain
import GRDB
import GRDBSQLite
import Store

/// A prepared statement for loops over many rows: no allocation per row, columns by number from 0, parameters from 1.
///
/// Belongs to the connection it was prepared on and must not outlive the access that lent it.
final class Statement {
    private static let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let connection: OpaquePointer
    private let handle: OpaquePointer
    private let sql: String

    convenience init(_ db: GRDB.Database, _ sql: String) throws {
        guard let connection = db.sqliteConnection else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the connection is closed")
        }
        try self.init(on: connection, sql)
    }

    init(on connection: OpaquePointer, _ sql: String) throws {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else {
            throw Self.error(code, on: connection, sql: sql)
        }
        self.connection = connection
        self.handle = handle
        self.sql = sql
    }

    deinit {
        sqlite3_finalize(handle)
    }

    private static func error(_ code: Int32, on connection: OpaquePointer, sql: String) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)), sql: sql)
    }

    // MARK: Parameters

    @inline(__always)
    func bind(_ value: Int64, at index: Int32) {
        sqlite3_bind_int64(handle, index, value)
    }

    @inline(__always)
    func bind(_ value: Int32, at index: Int32) {
        sqlite3_bind_int64(handle, index, Int64(value))
    }

    func bind(_ value: Int?, at index: Int32) {
        if let value { sqlite3_bind_int64(handle, index, Int64(value)) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ value: Double?, at index: Int32) {
        if let value { sqlite3_bind_double(handle, index, value) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ value: String?, at index: Int32) {
        guard var value else {
            sqlite3_bind_null(handle, index)
            return
        }
        value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(handle, index, characters.baseAddress, Int32(characters.count), Self.copies)
            }
        }
    }

    func bind(_ bytes: [UInt8], at index: Int32) {
        _ = bytes.withUnsafeBytes { sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), Self.copies) }
    }

    func bind(_ value: Instant?, at index: Int32) {
        if let value { bind(value.microseconds, at: index) } else { sqlite3_bind_null(handle, index) }
    }

    // MARK: Execution

    /// Moves to the next row; `false` where there is none, which also resets the statement.
    @inline(__always)
    func step() throws -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        try finish(code)
        return false
    }

    /// Executes a statement without rows and resets it.
    @inline(__always)
    func run() throws {
        try finish(sqlite3_step(handle))
    }

    /// Executes a statement without rows; a broken constraint is told by its extended result code, not thrown.
    func runReportingConstraints() throws -> ResultCode? {
        let code = sqlite3_step(handle)
        guard code & 0xFF == SQLITE_CONSTRAINT else {
            try finish(code)
            return nil
        }
        let extended = sqlite3_extended_errcode(connection)
        sqlite3_reset(handle)
        return ResultCode(rawValue: extended)
    }

    /// Makes the statement ready to run again before all of its rows were read.
    func reset() {
        sqlite3_reset(handle)
    }

    private func finish(_ code: Int32) throws {
        guard code == SQLITE_DONE else {
            let error = Self.error(code, on: connection, sql: sql)
            sqlite3_reset(handle)
            throw error
        }
        sqlite3_reset(handle)
    }

    // MARK: Columns of the current row

    /// How many columns a row has.
    var columnCount: Int32 { sqlite3_column_count(handle) }

    /// What a column is called.
    func name(of column: Int32) -> String { sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "" }

    @inline(__always)
    func int64(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    /// The nearest number that fits, where a damaged one does not.
    @inline(__always)
    func int32(_ column: Int32) -> Int32 {
        Int32(clamping: sqlite3_column_int64(handle, column))
    }

    @inline(__always)
    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func double(_ column: Int32) -> Double {
        sqlite3_column_double(handle, column)
    }

    func text(_ column: Int32) -> String? {
        guard let bytes = sqlite3_column_text(handle, column) else { return nil }
        return String(
            decoding: UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, column))), as: UTF8.self
        )
    }

    /// The bytes of a column, which hold until the next step.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
    }

    func optional<Value>(_ column: Int32, _ read: (Int32) -> Value) -> Value? {
        isNull(column) ? nil : read(column)
    }
}

extension DatabaseError {
    /// A column, or a table, holds something that no version of this program writes.
    static func unknown(_ name: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: DamagedData.unknown(name).reason)
    }
}
