import Foundation
import Testing
import TestSupport

/// Who may follow, and for how long.
extension RelayTests {
    @Test func tokensAreLookedAtClosely() async throws {
        try folder.write(
            "token_secret_file: secret\ntoken_issuer: clinic\ntoken_audience: avicenna\nmax_connections_per_diagnosis: 2\n",
            to: "avicenna.yaml")
        let relay = try await ServerProcess(in: folder)
        let owner = try #require(
            Int(
                try await clinic.shell("sqlite3 avicenna.db 'SELECT patient_id FROM diagnoses WHERE diagnosis_id = 1'")
                    .output
                    .dropLast()))
        let good = try await clinic.token("--patient \(owner)")
        let tokens = try await clinic.signedTokens("addressed")
        try #require(tokens.count == 18)
        for token in tokens[..<4] + [good] {
            let socket = try clinic.follow(relay, 1, token)
            _ = try connected(socket)
            socket.send(Raw.frame(8, [3, 232]))
            #expect(try clinic.closeCode(socket).code == 1000)
        }
        let reasons = [
            "not valid", "not valid", "not valid", "not valid", "has expired", "not valid yet", "another issuer",
            "another audience", "another issuer", "not valid", "does not allow", "not valid", "not valid", "not valid",
        ]
        for (token, expected) in zip(tokens[4...], reasons) {
            let (code, reason) = try clinic.closeCode(try clinic.follow(relay, 1, token))
            #expect(code == 1008)
            #expect(reason.contains(expected), "\(reason) of \(token)")
        }
        // What is not theirs, and what does not exist, look the same.
        for diagnosis in [2, 99_999_999] {
            let (code, reason) = try clinic.closeCode(try clinic.follow(relay, diagnosis, good))
            #expect(code == 1008)
            #expect(reason == "the token does not allow this")
        }
        #expect(try clinic.closeCode(try Raw(port: relay.port, path: "/ws/1")).reason == "a token is needed")
        // The other two ways to bring one.
        _ = try connected(try Raw(port: relay.port, path: "/ws/1?token=\(good)"))
        let browser = try Raw(port: relay.port, path: "/ws/1", headers: "Sec-WebSocket-Protocol: bearer, \(good)\r\n")
        _ = try connected(browser)
        let service = try await clinic.token("--service")
        let answers = try await clinic.script("broadcast_statuses.sh", "\(relay.port)", good, service)
        #expect(answers.output == "401 403 202 404 422 422 422 400 400 400 400 413 ", "\(answers.errors)")
    }

    @Test("accepts odd tokens that are genuine, and refuses ambiguous ones, without ever ending the process")
    func unusualTokens() async throws {
        let relay = try await ServerProcess(in: folder)
        let tokens = try await clinic.signedTokens("odd")
        try #require(tokens.count == 29)
        for token in tokens[..<5] { _ = try connected(try clinic.follow(relay, 1, token)) }
        for (number, token) in tokens.enumerated().dropFirst(5) {
            let (code, reason) = try clinic.closeCode(try clinic.follow(relay, 1, token))
            #expect(code == 1008, "\(number)")
            #expect(reason == "the token is not valid", "\(number): \(reason)")
        }
        // The process is still the same.
        _ = try connected(try clinic.follow(relay, 1, tokens[0]))
    }

    @Test("refuses tokens that are older than the settings allow, or do not say when they were issued")
    func oldTokens() async throws {
        try folder.write("token_secret_file: secret\ntoken_max_age: 3600\n", to: "avicenna.yaml")
        let relay = try await ServerProcess(in: folder)
        let tokens = try await clinic.signedTokens("old")
        _ = try connected(try clinic.follow(relay, 1, tokens[0]))
        #expect(try clinic.closeCode(try clinic.follow(relay, 1, tokens[1])).reason == "the token has expired")
        #expect(try clinic.closeCode(try clinic.follow(relay, 1, tokens[2])).reason == "the token is not valid")
    }

    @Test("a revocation of a subject covers tokens of an issuer whose clock is ahead")
    func revocationsCoverTheLeeway() async throws {
        let relay = try await ServerProcess(in: folder)
        let tokens = try await clinic.signedTokens("ahead")
        let socket = try clinic.follow(relay, 1, tokens[0])
        _ = try connected(socket)
        #expect(try await clinic.shell("avicenna token --revoke-subject ahead").status == 0)
        #expect(try clinic.closeCode(socket).code == 4003)
        #expect(try clinic.closeCode(try clinic.follow(relay, 1, tokens[0])).reason == "the token was revoked")
        _ = try connected(try clinic.follow(relay, 1, tokens[1]))
    }

    @Test func revokedAndExpiredTokensEndTheirConnections() async throws {
        let relay = try await ServerProcess(in: folder)
        let admin = try await clinic.token("--admin --subject first")
        let (first, second, third) = (
            try clinic.follow(relay, 1, admin),
            try clinic.follow(relay, 1, try await clinic.token("--admin --subject second")),
            try clinic.follow(relay, 1, try await clinic.token("--admin --subject third"))
        )
        for socket in [first, second, third] { _ = try connected(socket) }
        let payload = try #require(admin.split(separator: ".").dropFirst().first)
        let id = try await clinic.shell(
            "echo '\(payload)' | tr '_-' '/+' | base64 -d 2>/dev/null | grep -o '\"jti\":\"[^\"]*' | cut -d'\"' -f4"
        ).output.dropLast()
        let start = ContinuousClock.now
        #expect(try await clinic.shell("avicenna token --revoke \(id)").output == "revoked the token \(id)\n")
        #expect(try clinic.closeCode(first).code == 4003)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try await clinic.shell("avicenna token --revoke-subject second").status == 0)
        #expect(try clinic.closeCode(second).code == 4003)
        #expect(try clinic.closeCode(try clinic.follow(relay, 1, admin)).reason == "the token was revoked")
        // One that is issued after counts.
        #expect(
            try await clinic.shell(
                "sqlite3 avicenna.db 'UPDATE revocations SET issued_until = issued_until - 5000000 WHERE subject IS NOT NULL'"
            ).status == 0)
        try await broadcast(relay, 1, 1...1)
        #expect(try message(third).data.n == 1)
    }
}
