import Access
import Configuration
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import Pipeline
import Relay
import Statistics
import Store
import StoreSQLite
import TestSupport

@testable import Web

/// The API of a small clinic, asked through its router and all that surrounds requests, without a server. The clock shows
/// 2026-10-20 until the test moves it.
struct TestAPI {
    /// What is served.
    enum Mode: CaseIterable {
        case relay, everything
    }

    /// Where requests are sent.
    enum Address: CaseIterable {
        /// That of the API and the relay.
        case main
        /// That for metrics without a token.
        case metrics
    }

    let database: any ClinicStore
    let clock = TestClock(instant("2026-10-20T09:00:00Z"))
    let relay: Relay
    /// What is logged of requests.
    let requests = RequestLines()
    /// What is logged of errors.
    let log = LogMessages()
    private let folder: TemporaryFolder
    private let settings: Settings
    private let authenticator: TokenAuthenticator
    private let app: Application<RouterResponder<WebContext>>
    private let metrics: Application<RouterResponder<WebContext>>

    /// Serves a clinic whose settings are those without limits of requests and feedback, but for those that the test sets.
    ///
    /// - Parameters:
    ///   - isPublished: whether there are results of today.
    ///   - group: where connections of the relay live.
    init(
        _ clinic: TestClinic = .served, mode: Mode = .everything, isPublished: Bool = true,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ configure: (inout Settings) throws -> Void = { _ in }
    ) async throws {
        folder = try TemporaryFolder()
        database = try openDatabase(at: folder.path("clinic.db"), create: true)
        try clinic.write(to: database)
        var settings = Settings()
        settings.jobs = Repository.root.appending(path: "jobs")
        settings.tokens.secretFile = URL(filePath: try folder.write(String(repeating: "k", count: 40), to: "secret"))
        settings.api.requestsPerMinute = 0
        settings.api.feedbackPerDay = 1000
        try configure(&settings)
        self.settings = settings
        let now: @Sendable () -> Instant = { [clock] in clock.now }
        let keys = try await TokenKeys(settings.tokens) { Date(timeIntervalSince1970: TimeInterval(now().seconds)) }
        authenticator = try TokenAuthenticator(keys: keys, database: database)
        relay = try await Relay(
            database, ownFigures: settings.ownFigures, authenticator: authenticator, limits: settings.connections,
            on: group, now: now, report: { _ in })
        let (logger, requestLog) = (
            Logger(label: "t") { [log] _ in log }, Logger(label: "t") { [requests] _ in requests }
        )
        let forwarding = UntrustedForwarding(logger: requestLog)
        let proxies = TrustedProxies(networks: settings.api.trustedProxies, untrustedForwarding: forwarding)
        let recorder = RequestRecorder(
            logger: requestLog, counters: RequestCounters(untrustedForwarding: forwarding))
        let service =
            mode == .relay
            ? nil
            : try ClinicService(of: database, settings: settings, softwareVersion: "0", logger: logger, now: now)
        let api = API(
            clinic: service, relay: relay, authenticator: authenticator, settings: settings.api, softwareVersion: "0",
            proxies: proxies, recorder: recorder, logger: logger)
        app = Application(responder: Router(adding: api.add).buildResponder(), logger: logger)
        let monitoring = MonitoringAPI(
            relay: relay, settings: settings.api, proxies: proxies, recorder: recorder, logger: logger)
        metrics = Application(responder: Router(adding: monitoring.add).buildResponder(), logger: logger)
        if isPublished { try await run() }
    }

    // MARK: Asking

    /// Asks; a body is sent as JSON unless the headers say otherwise.
    func ask(
        _ method: HTTPRequest.Method = .get, _ path: String, _ token: String? = nil, json: String? = nil,
        headers: [String: String] = [:], at address: Address = .main
    ) async throws -> TestAnswer {
        var fields = HTTPFields()
        if let token { fields[.authorization] = "Bearer \(token)" }
        if json != nil { fields[.contentType] = "application/json" }
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        let sent = fields
        return try await (address == .main ? app : metrics).test(.router) { client in
            TestAnswer(
                try await client.executeRequest(
                    uri: path, method: method, headers: sent, body: json.map { ByteBuffer(string: $0) }))
        }
    }

    /// Asks for a page that there must be.
    func get(_ path: String, _ token: String? = nil) async throws -> JSON {
        let answer = try await ask(.get, path, token)
        guard answer.status == 200 else { throw UnexpectedAnswer(path: path, answer: answer) }
        return answer.json
    }

    /// An answer that should have been another one.
    struct UnexpectedAnswer: Error {
        let path: String
        let answer: TestAnswer
    }

    /// A token that is valid from now on.
    func token(_ role: Role, patient: Int64? = nil, subject: String = "s", id: String = "1") async throws -> String {
        try await TokenKeys.sign(
            TokenClaims(
                subject: subject, role: role, patient: patient.map { PatientID(rawValue: $0) },
                issuedAt: Date(timeIntervalSince1970: TimeInterval(clock.now.seconds)), lifetime: 7 * 86_400, id: id),
            with: settings.tokens)
    }

    // MARK: What happens meanwhile

    /// Revokes the tokens of a subject, as the command does, and has the server notice.
    func revoke(subject: String) throws {
        try database.revoke(.subject(subject, issuedUntil: clock.now), at: clock.now)
        _ = try authenticator.readRevocations()
    }

    /// Runs all stages as of today.
    func run() async throws {
        let job = try JobDefinition(
            Definition(text: "stages: [effectiveness, trends, cohorts, scores]\nas_of: today", file: "job.yaml"),
            name: "nightly")
        let runner = JobRunner(database: database, settings: settings, softwareVersion: "0") { [clock] in clock.now }
        let summary = try await runner.run(job, asOf: settings.timezone.day(of: clock.now), trigger: .schedule)
        if let problem = summary.problem { throw UnexpectedProblem(text: "\(problem)") }
    }

    /// What stood in the way of a run.
    struct UnexpectedProblem: Error {
        let text: String
    }

    /// How many feedback there are, also withdrawn ones.
    var feedbackCount: Int {
        get throws {
            try database.readClinic { records, _ in
                var count = 0
                while try records.feedback(FeedbackID(rawValue: Int64(count + 1))) != nil { count += 1 }
                return count
            }
        }
    }
}

extension TestClinic {
    /// Patient 1 has diagnosis 1 with recommendations 1 and 2, of saffron and mint for insomnia, and gave feedback 1 on the
    /// first; patient 2 has diagnosis 2 with recommendation 3 of saffron. 24 others gave feedback on both herbs, so that
    /// there are scores.
    static let served: TestClinic = {
        let today = day("2026-10-20")
        var clinic = TestClinic()
        let first = clinic.recommendation("saffron", for: "insomnia", to: clinic.patient(), on: today - 5)
        clinic.recommendation("mint", in: DiagnosisID(rawValue: 1), on: today - 5)
        clinic.recommendation("saffron", for: "insomnia", to: clinic.patient(), on: today - 5)
        clinic.rate(first, 4, on: today - 3)
        for number in 0..<24 {
            let patient = clinic.patient()
            for (herb, rarity) in [("saffron", 3), ("mint", 2)] {
                clinic.rate(
                    clinic.recommendation(herb, for: "insomnia", to: patient, on: today - 9),
                    number.isMultiple(of: rarity) ? 1 : 5, on: today - 4)
            }
        }
        return clinic
    }()
}
