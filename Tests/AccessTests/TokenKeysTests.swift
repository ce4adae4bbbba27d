import Configuration
import Foundation
import TestSupport
import Testing

@testable import Access

@Suite(.timeLimit(.minutes(30))) struct TokenKeysTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func keys(_ jwks: String) async throws -> TokenKeys {
        var settings = TokenSettings()
        settings.publicKeyFile = URL(filePath: try folder.write(jwks, to: "keys.jwks"))
        return try await TokenKeys(settings)
    }

    /// A point of P-256 (RFC 7515, A.3).
    private static let ec = """
        "kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        """

    @Test("skips members of a JWKS that are not valid keys, which jwt-kit refuses together with the whole set")
    func unknownMembers() async throws {
        let keys = try await keys(
            """
            {"keys":[7,{"kty":"new","alg":"X1","kid":"x","use":"enc"},{"kid":"2027",\(Self.ec)},{"kty":"EC","crv":"P-999"}]}
            """)
        #expect(keys.names == "ES256 '2027'")
        #expect(keys.unusable?.keys == ["one without 'kid' (EC P-999)"])
    }

    @Test("refuses a set without a usable key", arguments: ["{\"keys\":[]}", "{\"keys\":[{\"kty\":\"EC\"}]}", "{", ""])
    func withoutKeys(jwks: String) async throws {
        await #expect(throws: DefinitionError.self) { _ = try await keys(jwks) }
    }

    @Test("refuses secrets of fewer than 32 bytes")
    func shortSecret() async throws {
        var settings = TokenSettings()
        settings.secretFile = URL(filePath: try folder.write("0123456789abcdef0123456789abcde\n", to: "secret"))
        await #expect(throws: DefinitionError.self) { _ = try await TokenKeys(settings) }
    }

    @Test("reads changed files again, and keeps the keys if the new ones are invalid")
    func refresh() async throws {
        let keys = try await keys("{\"keys\":[{\"kid\":\"a\",\(Self.ec)}]}")
        #expect(try await keys.refresh() == false)
        try folder.write("{\"keys\":[]}", to: "keys.jwks")
        await #expect(throws: DefinitionError.self) { _ = try await keys.refresh() }
        #expect(keys.names == "ES256 'a'")
        #expect(try await keys.refresh() == false)
        try folder.write("{\"keys\":[{\"kid\":\"second\",\(Self.ec)}]}", to: "keys.jwks")
        #expect(try await keys.refresh())
        #expect(keys.names == "ES256 'second'")
    }

    @Test(
        "decodes base64url without padding",
        arguments: [("", [UInt8]()), ("AQ", [1]), ("-_8", [251, 255]), ("AQ==", nil), ("+/8", nil), ("A Q", nil)])
    func base64URL(text: String, bytes: [UInt8]?) {
        #expect(Data(base64URL: text).map(Array.init) == bytes)
        if let bytes { #expect(Data(bytes).base64URL == text) }
    }
}
