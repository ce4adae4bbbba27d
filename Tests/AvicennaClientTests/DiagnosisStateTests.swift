import AvicennaClient
import Foundation
import Testing
import TestSupport

/// What a client puts together from messages of the relay.
struct DiagnosisStateTests {
    /// The messages of a diagnosis after `since`, up to a state that a client with a wrong `since` is told as a whole.
    @Test func messagesFromTheBeginningGiveTheSameStateAsTheWholeOfIt() async throws {
        let folder = try TemporaryFolder()
        try folder.addClinic()
        try folder.write(String(repeating: "k", count: 40), to: "secret")
        try folder.write("token_secret_file: secret\n", to: "avicenna.yaml")
        let run = try CommandRun.shell(
            """
            avicenna() { "$BINARY" "$@"; }
            avicenna import in && avicenna run nightly --from 2026-08-01 --to 2026-08-03 --only effectiveness,trends,cohorts,scores -q &&
            avicenna run nightly --as-of 2026-10-20 --only effectiveness,trends,cohorts,scores -q
            """, in: folder, environment: ["BINARY": Repository.binary.path])
        #expect(run.status == 0, "\(run.errors)")
        let token = try CommandRun.avicenna("token", "--clinician", in: folder).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let relay = try RelayProcess(in: folder)
        let url = try #require(URL(string: "ws://127.0.0.1:\(relay.port)"))

        func follow(_ diagnosis: Int64, since: Int64, until isLast: (LiveMessage) -> Bool) async throws -> [LiveMessage]
        {
            var options = LiveDiagnosis.Options()
            options.since = since
            let live = LiveDiagnosis(diagnosis, at: url, options: options) { token }
            var messages: [LiveMessage] = []
            for try await message in live.messages {
                messages.append(message)
                if isLast(message) { break }
            }
            return messages
        }
        var updates = 0
        for diagnosis in Int64(1)...40 {
            var left: Int?
            let messages = try await follow(diagnosis, since: 0) { message in
                if case .connected(let replayed) = message.content { left = replayed } else { left? -= 1 }
                return left == 0
            }
            var state = DiagnosisState()
            for message in messages {
                state.apply(message)
                if case .effectivenessUpdate = message.content { updates += 1 }
                if case .other(let type, _) = message.content { Issue.record("\(type) is not understood") }
            }
            let whole = try await follow(diagnosis, since: 1 << 40) { message in
                if case .resync = message.content { true } else { false }
            }
            guard case .resync(let expected)? = whole.last?.content else {
                Issue.record("diagnosis \(diagnosis) was not told as a whole")
                continue
            }
            #expect(state == expected, "diagnosis \(diagnosis)")
        }
        #expect(updates > 40)
    }
}
