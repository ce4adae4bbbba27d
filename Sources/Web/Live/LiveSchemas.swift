import Domain

/// A message of the relay's protocol, as `/asyncapi.json` describes it.
struct LiveMessageDescription {
    /// Its `type`.
    let name: String
    let summary: String
    let details: String
    /// The whole message.
    let payload: Schema

    private init(_ name: String, _ summary: String, _ details: String = "", data: Schema) {
        self.name = name
        self.summary = summary
        self.details = details
        payload = .object([
            .init("type", .constant(.text(name))), .init("diagnosis_id", .id),
            .init("seq", .count, "The position of the message. It grows with each change of the clinic."),
            .init("epoch", .epoch, "The epoch of `seq`. It is another one once a backup was restored."),
            .init("at", .instant, "When the change was committed."), .init("data", data),
        ])
    }

    private static let broadcastNote =
        "Where another program of the clinic broadcasts a message of this type, its data is any object."

    /// The messages of the server.
    static let ofServer: [Self] = [
        Self(
            "connect", "The first message of a connection",
            "`seq` is the newest position of the diagnosis. While `replayed` is not 0, the replayed messages have not been "
                + "received yet: a client that stores this `seq` and reconnects from it loses them. Store the `seq` of "
                + "each later message instead, and this one only if `replayed` is 0.",
            data: .object([.init("replayed", .count, "How many missed messages follow.")])),
        Self(
            "effectiveness_update", "How well a recommendation works has changed",
            "Staff receive it when a run publishes it, patients when their own feedback changes it. " + broadcastNote,
            data: .any(of: [effectivenessUpdate, .anyObject])),
        Self(
            "recommendation_update", "The ranking of the diagnosis has changed",
            "Staff receive it from every run, patients from the first run of a day, as `PatientRankedRecommendation`. "
                + broadcastNote, data: .any(of: [rankingUpdate, .anyObject])),
        Self(
            "feedback_update", "Feedback on a recommendation was given, edited or withdrawn",
            broadcastNote, data: .any(of: [feedbackUpdate, .anyObject])),
        Self(
            "resync", "The whole state of the diagnosis",
            "More was missed than the 100 messages that are kept, or the epoch is another one. For patients, the "
                + "effectiveness is that of their own feedback as it is now. It replaces everything received before.",
            data: state),
        Self("pong", "The answer to a client's `ping`", data: .object([])),
    ]

    /// The only message of clients; all others are ignored.
    static let ping = Schema.named(
        "Ping", .object([.init("type", .constant("ping"))]))

    // MARK: Data

    private static let subject: [Schema.Property] = [.init("recommendation_id", .id), .init("herb", .text)]

    private static let windowCounts = Schema.optional(
        .named(
            "WindowCounts",
            .object([
                .init("samples", .integer(1...Int64(Int32.max))), .init("successes", .count),
                .init("effectiveness", .share),
            ])))

    private static let trend = Schema.optional(.word(Direction.allCases.map(\.rawValue)))

    private static func byWindow(_ schema: Schema) -> Schema {
        .object(Window.allCases.map { .init($0.rawValue, schema) })
    }

    private static func change(of schema: Schema) -> Schema {
        .object([.init("old", schema), .init("new", schema)])
    }

    private static let effectivenessUpdate = Schema.named(
        "EffectivenessUpdate",
        .object(
            subject + [
                .init(
                    "windows", byWindow(change(of: windowCounts)),
                    "The last 30 and 90 days and all days; null where there is no case."),
                .init("trend", change(of: trend), "null without a case in the last 90 days."),
            ]))

    private static let place = Schema.any(of: [
        staffPlace,
        .named(
            "PatientRankedRecommendation", .object(subject + Schema.patientPrediction)),
    ])

    private static let staffPlace = Schema.named(
        "RankedRecommendation",
        .object(
            subject + [
                .init("rank", .integer(1...Int64(Int32.max))), .init("score", .share), .init("confidence", .share),
                .init(
                    "reasoning",
                    .object([
                        .init(
                            "historical",
                            .object([
                                .init("value", .share), .init("basis", .word(HistoricalBasis.allCases.map(\.rawValue))),
                                .init("samples", .count), .init("successes", .count),
                            ])),
                        .init(
                            "similar",
                            .object([.init("value", .share), .init("patients", .count), .init("successes", .count)])),
                        .init("symptom", .object([.init("value", .share)])),
                    ])),
            ]))

    private static let ranking: [Schema.Property] = [
        .init("ranking", .array(of: place), "Best first; empty once the diagnosis is no longer active."),
        .init(
            "ranking_total", .count,
            "How many there are; more than are listed where the message would have more than 64 KiB."),
    ]

    private static let rankingUpdate = Schema.named("RankingUpdate", .object(ranking))

    private static let feedbackUpdate = Schema.named(
        "FeedbackUpdate",
        .object(
            [
                .init("recommendation_id", .id), .init("samples", .count),
                .init("mean_rating", .optional(.number(1...5))),
                .init("mean_improvement", .optional(.number(1...5))),
            ] + Schema.sideEffectList))

    private static let state = Schema.named(
        "DiagnosisState",
        .object(
            [
                .init(
                    "effectiveness",
                    .array(of: .object(subject + [.init("windows", byWindow(windowCounts))])),
                    "Of each recommendation with a case."),
                .init("trends", .array(of: .object(subject + [.init("trend", trend)]))),
            ] + ranking))
}

/// Why the server closes a connection.
struct CloseCode {
    let code: Int
    let meaning: String

    static let all: [Self] = [
        Self(code: 1000, meaning: "The client closed the connection."),
        Self(code: 1001, meaning: "The server shuts down: reconnect with `since`."),
        Self(code: 1002, meaning: "The client violated the WebSocket protocol."),
        Self(code: 1003, meaning: "The client sent a binary message; messages are text."),
        Self(code: 1007, meaning: "The client sent text that is not UTF-8."),
        Self(
            code: 1008,
            meaning:
                "The token does not allow it, there is no such diagnosis, or the client sent more than 50 messages in a "
                + "second."),
        Self(code: 1009, meaning: "The client sent a message of more than 4096 bytes."),
        Self(code: 1011, meaning: "The client did not answer two pings."),
        Self(
            code: 1013,
            meaning:
                "The server is full, its database cannot be read, or the client does not read what it is sent: reconnect "
                + "later with `since`."),
        Self(code: 4001, meaning: "The token has expired."), Self(code: 4003, meaning: "The token was revoked."),
    ]
}
