import Domain
import TestSupport
import Testing

@testable import Web

/// The descriptions of the API and the relay, and the page that shows them.
@Suite(.timeLimit(.minutes(5))) struct DescriptionTests {
    @Test("anybody may read them, also with a token that is not valid", arguments: TestAPI.Mode.allCases)
    func readers(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false)
        for (path, type) in [
            ("/openapi.json", "application/json"), ("/asyncapi.json", "application/json"),
            ("/docs", "text/html; charset=utf-8"),
        ] {
            for token in [nil, "x.y.z"] {
                let answer = try await api.ask(.get, path, token)
                #expect(answer.status == 200 && answer["Content-Type"] == type)
                #expect(answer["X-Content-Type-Options"] == "nosniff")
            }
            let head = try await api.ask(.head, path)
            #expect(head.status == 200 && head.body.isEmpty)
            let written = try await api.ask(.post, path)
            #expect(written.status == 405 && written["Allow"] == "GET, HEAD")
        }
    }

    @Test("describe what is served, and no more", arguments: TestAPI.Mode.allCases)
    func paths(mode: TestAPI.Mode) async throws {
        let api = try await TestAPI(mode: mode, isPublished: false)
        let document = try await api.get("/openapi.json")
        #expect(document["info"]?["version"] == "0")
        let paths = try #require(document["paths"]?.members.map(\.name))
        #expect(paths.contains("/ws/status") && paths.contains("/metrics"))
        #expect(paths.contains { $0.hasPrefix("/api/") } == (mode == .everything))
        let token = try await api.token(.admin)
        for path in paths {
            let asked = path.replacing(/\{[a-z_]+\}/, with: "1")
            #expect(try await api.ask(.patch, asked, token).status == 405, "\(path)")
        }
        #expect(try await api.get("/asyncapi.json")["info"]?["version"] == "0")
    }

    @Test("the page needs nothing from elsewhere, and shows every endpoint")
    func page() async throws {
        let api = try await TestAPI(isPublished: false)
        let page = try await api.ask(.get, "/docs")
        #expect(page["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true)
        #expect(!page.body.contains("src=") && !page.body.contains("http://") && !page.body.contains("https://"))
        #expect(page.body.contains("Too Many Requests"))
        for path in try await api.get("/openapi.json")["paths"]?.members ?? [] {
            #expect(page.body.contains(path.name), "\(path.name)")
        }
    }
}
