import Foundation
import TestSupport
import Testing

/// The description of the relay's protocol, compared with the messages of a running server.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct AsyncAPITests {
    @Test("describes every message and close code as they are", .timeLimit(.minutes(30)))
    func describesTheProtocol() async throws {
        let clinic = try await ServedClinic(settings: "rate_limit: 0\nfeedback_per_day: 1000\n")
        #expect(try await clinic.shell("avicenna run feedback -q").status == 0)
        let run = try await clinic.shell("/usr/bin/python3 $SCRIPTS/asyncapi.py $BINARY")
        #expect(run.status == 0, "\(run.output.suffix(4000)) \(run.errors.suffix(2000))")
        print("asyncapi: \(run.output)")
    }
}
