/// A database of a clinic: all ports together.
///
/// An engine implements them and keeps all of its SQL to itself. Every call is a transaction of its own: it happens as a whole or not
/// at all, and a reader never sees half of one. All calls block. Errors are `StoreError`.
public typealias ClinicStore = SnapshotStore & ImportStore & ColumnStore & OrderStore & ResultStore & Outbox & AuditLog
    & TokenRevocations & RunLockStore & RunHistory & ReleaseRegister & DeliveryLedger & Maintenance
