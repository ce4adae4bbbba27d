import AvicennaClient
import Foundation
import Testing
import TestSupport

/// What a client puts together from messages of the relay.
@Suite(.timeLimit(.minutes(30))) struct DiagnosisStateTests {
    /// The messages of a diagnosis after `since`, up to a state that a client with a wrong `since` is told as a whole.
    @Test func messagesFromTheBeginningGiveTheSameStateAsTheWholeOfIt() async throws {
        let clinic = try await ServedClinic()
        for day in ["2026-08-01", "2026-08-02", "2026-08-03", "2026-10-20"] {
            #expect(try await clinic.publish(asOf: day).status == 0)
        }
        let token = try await clinic.token("--clinician")
        let relay = try await ServerProcess(in: clinic.folder)
        let url = try #require(URL(string: "ws://127.0.0.1:\(relay.port)"))

        func follow(_ diagnosis: Int64, since: Int64, until isLast: (LiveMessage) -> Bool) async throws -> [LiveMessage]
        {
            var options = LiveDiagnosis.Options()
            options.since = LivePosition(sequence: since)
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
