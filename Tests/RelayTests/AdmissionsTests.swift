import Configuration
import Domain
import Store
import TestSupport
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct AdmissionsTests {
    private let counters = RelayCounters()

    private func admissions(total: Int = 100, perAddress: Int = 100, perDiagnosis: Int = 100) -> Admissions {
        var limits = Settings.ConnectionLimits()
        limits.total = total
        limits.perAddress = perAddress
        limits.perDiagnosis = perDiagnosis
        return Admissions(limits, counters: counters)
    }

    private func request(_ diagnosis: Int64, from address: String = "192.0.2.1") throws -> FollowRequest {
        FollowRequest(
            diagnosis: DiagnosisID(rawValue: diagnosis), token: "", since: nil,
            address: try #require(IPAddress(address)))
    }

    private var refused: [String: Int] { counters.refused.withLock { $0 } }

    @Test("admits as many connections as there may be in total, and another one for each that ends")
    func total() throws {
        let admissions = admissions(total: 2)
        let first = try request(1)
        #expect(admissions.acquire(first) == nil)
        #expect(admissions.acquire(try request(2, from: "192.0.2.2")) == nil)
        #expect(admissions.acquire(try request(3, from: "192.0.2.3")) == "the server is full; try again later")
        #expect(refused == ["full": 1])
        admissions.release(first)
        #expect(admissions.acquire(try request(3, from: "192.0.2.3")) == nil)
        #expect(admissions.acquire(first) != nil)
        #expect(refused == ["full": 2])
    }

    @Test("admits as many connections of an IPv4 address as there may be, whatever they follow")
    func addresses() throws {
        let admissions = admissions(perAddress: 2)
        for diagnosis in 1...2 as ClosedRange<Int64> { #expect(admissions.acquire(try request(diagnosis)) == nil) }
        #expect(admissions.acquire(try request(3)) == "too many connections from this address")
        #expect(admissions.acquire(try request(3, from: "192.0.2.2")) == nil)
        admissions.release(try request(1))
        #expect(admissions.acquire(try request(3)) == nil)
        #expect(admissions.acquire(try request(4)) != nil)
        #expect(refused == ["address": 2])
    }

    @Test("counts the addresses of a /64 of IPv6 as one client")
    func networks() throws {
        let admissions = admissions(perAddress: 2)
        #expect(admissions.acquire(try request(1, from: "2001:db8:0:1::1")) == nil)
        #expect(admissions.acquire(try request(1, from: "2001:db8:0:1:ffff::2")) == nil)
        #expect(admissions.acquire(try request(1, from: "2001:db8:0:1::3")) == "too many connections from this address")
        #expect(admissions.acquire(try request(1, from: "2001:db8:0:2::1")) == nil)
        admissions.release(try request(1, from: "2001:db8:0:1::9"))
        #expect(admissions.acquire(try request(1, from: "2001:db8:0:1::3")) == nil)
    }

    @Test("admits as many connections to a diagnosis as there may be, whoever they are of")
    func diagnoses() throws {
        let admissions = admissions(perDiagnosis: 2)
        for host in 1...2 { #expect(admissions.acquire(try request(1, from: "192.0.2.\(host)")) == nil) }
        #expect(
            admissions.acquire(try request(1, from: "192.0.2.3")) == "too many connections to this diagnosis")
        #expect(admissions.acquire(try request(2, from: "192.0.2.3")) == nil)
        admissions.release(try request(1, from: "192.0.2.2"))
        #expect(admissions.acquire(try request(1, from: "192.0.2.3")) == nil)
        #expect(refused == ["diagnosis": 1])
    }

    @Test("does not count connections that it refuses")
    func refusedConnections() throws {
        let admissions = admissions(total: 3, perAddress: 2, perDiagnosis: 1)
        #expect(admissions.acquire(try request(1)) == nil)
        for _ in 1...5 { #expect(admissions.acquire(try request(1)) != nil) }
        #expect(admissions.acquire(try request(2)) == nil)
        for _ in 1...5 { #expect(admissions.acquire(try request(3)) != nil) }
        #expect(admissions.snapshot.total == 2)
        #expect(
            admissions.snapshot.byDiagnosis == [DiagnosisID(rawValue: 1): 1, DiagnosisID(rawValue: 2): 1])
        #expect(admissions.acquire(try request(3, from: "192.0.2.2")) == nil)
    }

    @Test("knows which diagnoses are followed, until the last follower leaves")
    func followedDiagnoses() throws {
        let admissions = admissions()
        let (one, two) = (DiagnosisID(rawValue: 1), DiagnosisID(rawValue: 2))
        #expect(!admissions.contains(one))
        for _ in 1...2 { _ = admissions.acquire(try request(1)) }
        #expect(admissions.contains(one) && !admissions.contains(two))
        admissions.release(try request(1))
        #expect(admissions.contains(one))
        #expect(admissions.snapshot.byDiagnosis == [one: 1])
        admissions.release(try request(1))
        #expect(!admissions.contains(one))
        #expect(admissions.snapshot.total == 0 && admissions.snapshot.byDiagnosis.isEmpty)
    }
}
