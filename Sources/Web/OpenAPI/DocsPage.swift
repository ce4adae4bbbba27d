import Domain
import Crypto
import Foundation

/// A page that describes the API and the relay's protocol, made of their OpenAPI and AsyncAPI documents. It loads nothing
/// from elsewhere.
struct DocsPage {
    let openAPI: JSON
    let asyncAPI: JSON

    /// What browsers may load for the page: its own style, known by its digest, and nothing else.
    static var policy: String {
        let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        return "default-src 'none'; style-src 'sha256-\(digest)'; frame-ancestors 'none'; base-uri 'none'"
    }

    private static let style = """
        :root { color-scheme: light dark; --line: #8884; --soft: #8881; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        nav a { margin-right: 1rem; }
        h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
        details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .25rem .75rem;
        overflow-x: auto; }
        summary { cursor: pointer; }
        summary b { display: inline-block; width: 4.5rem; font-family: ui-monospace, monospace; }
        code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
        pre { background: var(--soft); padding: .75rem; overflow-x: auto; border-radius: 6px; }
        table { border-collapse: collapse; width: 100%; }
        td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid var(--line); }
        .get { color: #1a7f37; } .post { color: #0969da; } .put { color: #9a6700; } .delete { color: #cf222e; }
        """

    /// The page.
    var html: String {
        let info = openAPI["info"] ?? .null
        let operations = (openAPI["paths"]?.members ?? []).flatMap { path in
            path.value.members.map { (path: path.name, method: $0.name, operation: $0.value) }
        }
        let groups = (openAPI["tags"]?.entries ?? []).compactMap { $0["name"]?.string }
        let sections = groups.map { group in
            let shown = operations.filter { $0.operation["tags"]?.entries.first?.string == group }
            return "<section><h2 id=\"\(Self.anchor(group))\">\(group.html)</h2>"
                + shown.map { self.details($0.path, $0.method, $0.operation) }.joined() + "</section>"
        }
        let links = groups.map { "<a href=\"#\(Self.anchor($0))\">\($0.html)</a>" }.joined()
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Avicenna API</title><style>\(Self.style)</style></head><body>
            <h1>Avicenna API \((info["version"]?.string ?? "").html)</h1>
            <p>\((info["description"]?.string ?? "").htmlWithCode)</p>
            <nav>\(links)<a href="#websocket">WebSocket</a><a href="#schemas">Schemas</a>\
            <a href="/openapi.json">openapi.json</a><a href="/asyncapi.json">asyncapi.json</a></nav>
            \(sections.joined(separator: "\n"))
            \(webSocket)
            <section><h2 id="schemas">Schemas</h2>\(schemas)</section>
            </body></html>
            """
    }

    private static func anchor(_ name: String) -> String {
        name.lowercased().replacing(" ", with: "-")
    }

    private func details(_ path: String, _ method: String, _ operation: JSON) -> String {
        var text = """
            <details><summary><b class="\(method)">\(method.uppercased())</b> <code>\(path.html)</code> \
            \((operation["summary"]?.string ?? "").htmlWithCode)</summary>
            """
        if let description = operation["description"]?.string { text += "<p>\(description.htmlWithCode)</p>" }
        let parameters = operation["parameters"]?.entries ?? []
        if !parameters.isEmpty {
            text += "<table><tr><th>Parameter</th><th>In</th><th>What it is</th></tr>"
            for parameter in parameters {
                text += """
                    <tr><td><code>\((parameter["name"]?.string ?? "").html)</code></td>\
                    <td>\((parameter["in"]?.string ?? "").html)</td>\
                    <td>\((parameter["description"]?.string ?? "").html) \(kind(of: parameter["schema"] ?? .null))</td></tr>
                    """
            }
            text += "</table>"
        }
        if let body = operation["requestBody"]?["content"]?["application/json"]?["schema"] {
            text += "<p>Body: \(kind(of: body))</p>"
        }
        text += "<table><tr><th>Status</th><th>What is answered</th></tr>"
        for response in operation["responses"]?.members ?? [] {
            let schema = response.value["content"]?.members.first?.value["schema"]
            text += """
                <tr><td>\(response.name)</td><td>\((response.value["description"]?.string ?? "").html) \
                \(schema.map(kind) ?? "")</td></tr>
                """
        }
        return text + "</table></details>"
    }

    /// The relay's protocol.
    private var webSocket: String {
        let channels = (asyncAPI["channels"]?.members ?? []).map { channel in
            let query = channel.value["bindings"]?["ws"]?["query"] ?? .null
            let codes = (channel.value["x-close-codes"]?.entries ?? []).map {
                "<tr><td>\($0["code"] ?? .null)</td><td>\(($0["description"]?.string ?? "").htmlWithCode)</td></tr>"
            }
            return """
                <details><summary><b class="get">WS</b> <code>\((channel.value["address"]?.string ?? "").html)</code> \
                \((channel.value["title"]?.string ?? "").html)</summary>\
                <p>\((channel.value["description"]?.string ?? "").htmlWithCode)</p><p>Query: \(kind(of: query))</p>\
                <table><tr><th>Close code</th><th>Why</th></tr>\(codes.joined())</table></details>
                """
        }
        let operations = asyncAPI["operations"]?.members ?? []
        let messages = (asyncAPI["components"]?["messages"]?.members ?? []).map { message in
            let isSent = operations.contains { operation in
                operation.value["action"] == "send"
                    && (operation.value["messages"]?.entries ?? []).contains {
                        $0["$ref"]?.string?.split(separator: "/").last.map(String.init) == message.name
                    }
            }
            return """
                <details><summary><b class="\(isSent ? "get" : "post")">\(isSent ? "server" : "client")</b> \
                <code>\(message.name.html)</code> \((message.value["summary"]?.string ?? "").htmlWithCode)</summary>\
                <p>\((message.value["description"]?.string ?? "").htmlWithCode)</p>\
                \(kind(of: message.value["payload"] ?? .null))</details>
                """
        }
        return """
            <section><h2 id="websocket">WebSocket</h2>\
            <p>\((asyncAPI["info"]?["description"]?.string ?? "").htmlWithCode)</p>\
            \((channels + messages).joined(separator: "\n"))</section>
            """
    }

    private var schemas: String {
        let own = openAPI["components"]?["schemas"]?.members ?? []
        let further = (asyncAPI["components"]?["schemas"]?.members ?? []).filter { schema in
            !own.contains { $0.name == schema.name }
        }
        return (own + further).map { schema in
            "<details id=\"schema-\(schema.name)\"><summary><code>\(schema.name.html)</code></summary>"
                + kind(of: schema.value) + "</details>"
        }.joined()
    }

    /// What a schema allows, in words.
    private func kind(of schema: JSON) -> String {
        if let reference = schema["$ref"]?.string?.split(separator: "/").last {
            return "<a href=\"#schema-\(reference)\"><code>\(reference)</code></a>"
        }
        if let constant = schema["const"] { return "<code>\(constant.description.html)</code>" }
        if let choices = schema["anyOf"]?.entries { return choices.map(kind).joined(separator: " or ") }
        switch schema["type"]?.string {
        case "object":
            let required = (schema["required"]?.entries ?? []).compactMap(\.string)
            let rows = (schema["properties"]?.members ?? []).map { member in
                """
                <tr><td><code>\(member.name.html)</code>\(required.contains(member.name) ? "" : " (optional)")</td>\
                <td>\(kind(of: member.value)) \((member.value["description"]?.string ?? "").htmlWithCode)</td></tr>
                """
            }
            return rows.isEmpty ? "object" : "<table>\(rows.joined())</table>"
        case "array": return "list of \(kind(of: schema["items"] ?? .null))"
        case let type?:
            if let words = schema["enum"]?.entries {
                return words.compactMap(\.string).map { "<code>\($0.html)</code>" }.joined(separator: ", ")
            }
            var text = schema["format"]?.string ?? type
            if let low = schema["minimum"], let high = schema["maximum"], high != .integer(.max) {
                text += " from \(low) to \(high)"
            }
            if let longest = schema["maxLength"] { text += " of at most \(longest) characters" }
            if let standard = schema["default"] { text += ", \(standard) where not given" }
            return "<i>\(text.html)</i>"
        case nil: return ""
        }
    }
}

extension String {
    /// The text as HTML, with what stands between backticks as code.
    fileprivate var htmlWithCode: String {
        html.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { position, part in
            position % 2 == 0 ? String(part) : "<code>\(part)</code>"
        }.joined()
    }

    /// The text as HTML.
    fileprivate var html: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
