import Domain
import Store
import TestSupport
import Testing

/// Revocations are read in order, from any number on.
@Suite(.timeLimit(.minutes(30))) struct RevocationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("revocations of every kind are read back, those after a number alone", arguments: StorageEngine.all)
    func kinds(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        #expect(try database.revocations(after: 0).revoked.isEmpty)
        let revocations: [RevokedTokens] = [
            .token(id: "t\0"), .subject("s", issuedUntil: Instant(microseconds: 1)),
            .everyone(issuedUntil: Instant(seconds: 9)), .token(id: "t\0"),
        ]
        for tokens in revocations { try database.revoke(tokens, at: Orders.noon) }
        let (all, last) = try database.revocations(after: 0)
        #expect(all == revocations)
        #expect(try database.revocations(after: last).revoked.isEmpty)
        #expect(try engine.open(in: folder).revocations(after: last - 1).revoked == [revocations[3]])
        #expect(try database.auditReport(against: nil).entries == 4)
    }

    @Test("revocations are read anew from a database whose newest has a lower number", arguments: StorageEngine.all)
    func lowerNumbers(engine: StorageEngine) throws {
        let database = try engine.open(in: folder)
        try database.revoke(.token(id: "t"), at: Orders.noon)
        let (revoked, last) = try database.revocations(after: 7)
        #expect(revoked == [.token(id: "t")] && last == 1)
        #expect(try database.revocations(after: 1).revoked == [])
    }
}
