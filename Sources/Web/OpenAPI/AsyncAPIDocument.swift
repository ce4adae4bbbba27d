import Domain

/// The description of the relay's protocol after AsyncAPI 3.0.
struct AsyncAPIDocument {
    let version: String

    /// The document.
    var json: JSON {
        var schemas: [String: JSON] = [:]
        var messages = LiveMessageDescription.ofServer.map { message in
            JSON.Member(name: message.name, value: Self.json(of: message, noting: &schemas))
        }
        messages.append(
            JSON.Member(
                name: "ping",
                value: [
                    "name": "ping", "summary": "Asks for a `pong`",
                    "payload": LiveMessageDescription.ping.json(noting: &schemas),
                ]))
        let channel = Self.channel(messages.map(\.name), noting: &schemas)
        return [
            "asyncapi": "3.0.0",
            "info": [
                "title": "Avicenna live updates", "version": .text(version), "description": .text(Self.introduction),
            ],
            "defaultContentType": "application/json",
            "channels": ["diagnosis": channel],
            "operations": [
                "follow": Self.operation(
                    "send", "Sends what changes in a diagnosis", LiveMessageDescription.ofServer.map(\.name)),
                "ping": Self.operation("receive", "Answers a `ping` with a `pong`", ["ping"]),
            ],
            "components": [
                "messages": .object(messages),
                "schemas": .object(
                    schemas.sorted { $0.key < $1.key }.map { JSON.Member(name: $0.key, value: $0.value) }),
                "securitySchemes": [
                    "token": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"],
                    "tokenInQuery": [
                        "type": "httpApiKey", "name": "token", "in": "query",
                        "description":
                            "Only where nothing else can be sent: proxies and browsers note URLs in their logs.",
                    ],
                ],
            ],
        ]
    }

    private static let introduction = """
        Each connection follows one diagnosis. A token is sent as `Authorization: Bearer TOKEN` or, from a browser, as the \
        subprotocols `bearer` and the token. Messages are committed before they are sent, come in order, and are \
        at most 64 KiB large, except `resync`. A client that reconnects with `since` and `epoch`, the `seq` and `epoch` of the \
        newest message that it has received, gets what it missed: up to 100 messages, or one `resync`. It gets a `resync` \
        as well where the server has another epoch, because a backup of its database was restored.
        """

    private static func json(of message: LiveMessageDescription, noting schemas: inout [String: JSON]) -> JSON {
        let json: JSON = ["name": .text(message.name), "summary": .text(message.summary)]
        let described = message.details.isEmpty ? json : json.adding(["description": .text(message.details)])
        return described.adding(["payload": message.payload.json(noting: &schemas)])
    }

    private static func channel(_ messages: [String], noting schemas: inout [String: JSON]) -> JSON {
        let query = Schema.object([
            .init(
                "since", .count, required: false,
                "The `seq` of the newest message received; without it, only what is new from now on is sent."),
            .init(
                "epoch", .epoch, required: false,
                "The `epoch` of that message; without it, messages are lost where a backup was restored meanwhile."),
            .init("token", .text, required: false, "See `tokenInQuery`."),
        ])
        return [
            "address": "/ws/{diagnosis_id}", "title": "A diagnosis",
            "description": "A WebSocket (RFC 6455, version 13) without extensions. The server pings every 30 seconds.",
            "parameters": ["diagnosis_id": ["description": "The number of the diagnosis.", "examples": ["12"]]],
            "messages": .object(
                messages.map { JSON.Member(name: $0, value: ["$ref": .text("#/components/messages/\($0)")]) }),
            "bindings": ["ws": ["method": "GET", "query": query.json(noting: &schemas), "bindingVersion": "0.1.0"]],
            "x-close-codes": JSON(
                CloseCode.all.map { ["code": JSON($0.code), "description": .text($0.meaning)] }),
        ]
    }

    private static func operation(_ action: JSON, _ summary: String, _ messages: [String]) -> JSON {
        [
            "action": action, "channel": ["$ref": "#/channels/diagnosis"], "summary": .text(summary),
            "messages": JSON(messages.map { ["$ref": .text("#/channels/diagnosis/messages/\($0)")] }),
            "security": [
                ["$ref": "#/components/securitySchemes/token"], ["$ref": "#/components/securitySchemes/tokenInQuery"],
            ],
        ]
    }
}
