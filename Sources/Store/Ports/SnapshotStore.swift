/// Consistent reads: whatever others write meanwhile, the body of a call sees the database as of one moment.
///
/// All calls block until the body returns and must not be made on an event loop. A body should be short: while it runs, an engine
/// may have to keep superseded data. Errors are `StoreError`, or what the body throws.
public protocol SnapshotStore: Sendable {
    /// Runs `body` with the records and the published results.
    func readClinic<Value>(_ body: (any ClinicRecords, any PublishedResults) throws -> Value) throws -> Value

    /// Runs `body` with the records and with what patients see of the published results.
    func readAsPatient<Value>(_ body: (any ClinicRecords, any PatientResults) throws -> Value) throws -> Value

    /// Runs `body` with the published results.
    func readPublished<Value>(_ body: (any PublishedResults) throws -> Value) throws -> Value
}
