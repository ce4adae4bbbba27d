import Foundation
import Testing
import TestSupport

/// Tokens of an issuer whose public keys we have, made by libraries that were not written here.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct PublicKeyTests {
    private let clinic: ServedClinic
    private let tokens: [String: String]

    init() async throws {
        clinic = try await ServedClinic()
        let run = try await clinic.shell("/usr/bin/python3 $SCRIPTS/public_keys.py")
        try #require(run.status == 0, "\(run.errors)")
        tokens = try JSONDecoder().decode(
            [String: String].self, from: Data(contentsOf: clinic.folder.url.appending(path: "tokens.json")))
    }

    /// Which of the tokens a relay lets in.
    private func letIn(_ relay: ServerProcess) throws -> Set<String> {
        try Set(
            tokens.filter { _, token in
                let frame = try clinic.follow(relay, 1, token).read()
                if frame.opcode == 8 { #expect(frame.closeCode == 1008) }
                return frame.opcode == 1
            }.keys)
    }

    @Test(arguments: [
        ("token_public_key: ec.pem", ["a", "a by kid", "a by the kid of b"]),
        ("token_public_key: rsa.pem", ["b", "b by kid"]),
        ("token_public_key: first.jwks", ["a", "a by kid", "b", "b by kid"]),
        ("token_public_key: short.jwks", ["short", "short by kid"]),
        ("token_public_key: mixed.jwks", ["a", "a by kid"]),
        ("token_secret_file: secret", []),
    ])
    func onlyWhatTheirKeysSignedIsGenuine(settings: String, expected: [String]) async throws {
        try clinic.folder.write(settings + "\n", to: "avicenna.yaml")
        #expect(try await letIn(ServerProcess(in: clinic.folder)) == Set(expected))
    }

    @Test func aSecretAndAPublicKeyCountBesideEachOther() async throws {
        try clinic.folder.write("token_secret_file: secret\ntoken_public_key: ec.pem\n", to: "avicenna.yaml")
        let relay = try await ServerProcess(in: clinic.folder)
        #expect(try letIn(relay) == ["a", "a by kid", "a by the kid of b"])
        #expect(try clinic.follow(relay, 1, try await clinic.token("--admin")).read().opcode == 1)
    }

    @Test func keysAreReplacedWhileItRuns() async throws {
        try clinic.folder.write("token_public_key: keys\n", to: "avicenna.yaml")
        #expect(try await clinic.shell("cp first.jwks keys").status == 0)
        let relay = try await ServerProcess(in: clinic.folder)
        #expect(try letIn(relay) == ["a", "a by kid", "b", "b by kid"])
        func replace(_ script: String, until isDone: () throws -> Bool) async throws {
            #expect(try await clinic.shell(script).status == 0)
            try await waitUntil("the relay did what follows from: \(script)") { try isDone() }
        }
        try await replace("cp second.jwks new && mv new keys") { try letIn(relay).contains("c") }
        // Also what it has let in before.
        #expect(try letIn(relay) == ["b", "b by kid", "c", "c by kid"])
        // What holds no keys changes nothing, and is told.
        try await replace("echo nothing > keys") { try relay.errors.contains("keys: ") }
        #expect(try relay.errors.contains("keys: holds no public key for ES256 or RS256, in PEM or as a JWKS\n"))
        #expect(try letIn(relay) == ["b", "b by kid", "c", "c by kid"])
    }

    @Test func keysOfNoUseAreTold() async throws {
        let told = """
            keys: tokens signed with 'b' (RSA RSA-OAEP-256), 'b' (RSA RS256), one without 'kid' (oct), 'c' (EC P-384 ES256), \
            'c' (EC secp256k1 ES256), 'c' (EC P-256 ES256), 'c' (EC P-256 ES256), 'c' (EC P-256 ES256) are refused; a key must \
            be of P-256 for ES256, or RSA of at least 2048 bits for RS256
            """
        try clinic.folder.write("token_secret_file: secret\ntoken_public_key: keys\n", to: "avicenna.yaml")
        #expect(try await clinic.shell("cp first.jwks keys").status == 0)
        let doctor = "avicenna doctor --format csv | grep -E ',(tokens|rights),'"
        let sound = try await clinic.shell("chmod 600 secret; \(doctor)")
        #expect(sound.output == "good,tokens,\"known by HS256, ES256 'a', RS256 'b'\",\n")
        let relay = try await ServerProcess(in: clinic.folder)
        #expect(try await clinic.shell("cp mixed.jwks new && mv new keys").status == 0)
        #expect(try await relay.errors(once: "refused").hasSuffix("\navicenna: \(told)\n"))
        let again = try await ServerProcess(in: clinic.folder)
        #expect(try await again.errors(once: "refused").contains("avicenna: \(told)\n"))
        let found = try await clinic.shell("chmod 644 secret; \(doctor)")
        #expect(
            found.output == """
                doubtful,rights,\(clinic.folder.path("secret")) can be read by others (644),chmod 600 \(clinic.folder.path("secret"))
                good,tokens,"known by HS256, ES256 'a'",
                doubtful,tokens,"\(told)",have the issuer sign by ES256 or RS256

                """)
        #expect(try await clinic.shell("rm keys").status == 0)
        let missing = try await clinic.shell(doctor)
        #expect(
            missing.output.hasSuffix("bad,tokens,keys: cannot be read; it must hold a key for tokens,\n"),
            "\(missing.output)")
    }

    @Test(arguments: [
        "nothing", "{}", "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\",\"kid\":\"a\"}]}",
    ])
    func whatHoldsNoKeyIsTold(content: String) async throws {
        try clinic.folder.write(content, to: "keys")
        try clinic.folder.write("token_public_key: keys\n", to: "avicenna.yaml")
        let run = try await clinic.shell("avicenna relay --port 0")
        #expect(run.status == 78)
        #expect(run.errors == "avicenna: keys: holds no public key for ES256 or RS256, in PEM or as a JWKS\n")
    }
}
