import AvicennaClient
import Foundation
import Testing

/// What the relay says, as the client reads it.
@Suite(.timeLimit(.minutes(30))) struct LiveMessageTests {
    private func message(_ type: String, _ data: String, at: String = "2026-11-21T09:30:00.250000Z") throws
        -> LiveMessage
    {
        try LiveMessage(
            json: "{\"type\":\"\(type)\",\"diagnosis_id\":7,\"seq\":42,\"at\":\"\(at)\",\"data\":\(data)}")
    }

    private let update = """
        {"recommendation_id":3,"herb":"گل‌گاوزبان","windows":{"30":{"old":null,"new":null},\
        "90":{"old":{"samples":1,"successes":1,"effectiveness":1.0},"new":{"samples":2,"successes":1,"effectiveness":0.5}},\
        "all":{"old":{"samples":4,"successes":1,"effectiveness":0.25},"new":{"samples":5,"successes":1,"effectiveness":0.2}}},\
        "trend":{"old":null,"new":"insufficient"}}
        """
    private let place = """
        {"recommendation_id":3,"herb":"گل‌گاوزبان","rank":1,"score":0.739,"confidence":0.8,"reasoning":{\
        "historical":{"value":0.7,"basis":"treatment/90","samples":20,"successes":14},\
        "similar":{"value":0.6,"patients":5,"successes":3},"symptom":{"value":0.5}}}
        """

    @Test func theEnvelopeIsRead() throws {
        let message = try message("connect", "{\"replayed\":3}")
        #expect(message.diagnosisID == 7 && message.sequence == 42)
        #expect(message.at == Date(timeIntervalSince1970: 1_795_253_400.25))
        #expect(message.content == .connected(replayed: 3))
        #expect(
            try self.message("connect", "{\"replayed\":0}", at: "2026-11-21T09:30:00Z").at.timeIntervalSince1970
                == 1_795_253_400)
    }

    @Test(
        "a connection before a replay is no position to resume from",
        arguments: [
            ("connect", "{\"replayed\":0}", Int64?.some(42)), ("connect", "{\"replayed\":1}", nil), ("pong", "{}", nil),
            ("feedback_update", "{}", 42), ("something_new", "{}", 42),
            ("resync", "{\"effectiveness\":[],\"trends\":[],\"ranking\":[]}", 42),
        ])
    func resumePositions(type: String, data: String, position: Int64?) throws {
        let message = try message(type, data)
        #expect(message.sequence == 42 && message.resumePosition?.sequence == position)
    }

    @Test func changesOfEffectivenessAreTyped() throws {
        guard case .effectivenessUpdate(let update) = try message("effectiveness_update", update).content else {
            Issue.record("it is read as something else")
            return
        }
        #expect(update.recommendationID == 3 && update.herb == "گل‌گاوزبان")
        #expect(update.windows.days30.old == nil && update.windows.days30.new == nil)
        #expect(update.windows.days90.new?.effectiveness == 0.5)
        #expect(update.windows.all.old?.samples == 4 && update.windows.all.new?.successes == 1)
        #expect(update.trend.old == nil && update.trend.new == .insufficient)
    }

    @Test func rankingsAreTyped() throws {
        guard
            case .recommendationUpdate(let ranking) = try message("recommendation_update", "{\"ranking\":[\(place)]}")
                .content
        else {
            Issue.record("it is read as something else")
            return
        }
        #expect(ranking.map(\.rank) == [1] && ranking[0].score == 0.739)
        #expect(ranking[0].reasoning?.historical.basis == "treatment/90")
        #expect(ranking[0].reasoning?.similar.patients == 5 && ranking[0].reasoning?.symptom.value == 0.5)
        #expect(ranking[0].experience == nil && ranking[0].similarPatients == nil)
    }

    @Test("rankings that patients receive are typed")
    func patientRankings() throws {
        let places = #"""
            {"recommendation_id":3,"herb":"saffron","rank":1,"score":0.7,"experience":"good","experience_with":"treatment",
            "similar_patients":"about_half"},
            {"recommendation_id":4,"herb":"mint","rank":2,"score":null,"experience":"little","experience_with":"herb",
            "similar_patients":null}
            """#
        guard
            case .recommendationUpdate(let ranking) = try message(
                "recommendation_update", "{\"ranking\":[\(places)],\"ranking_total\":2}"
            ).content
        else {
            Issue.record("it is read as something else")
            return
        }
        #expect(ranking.map(\.score) == [0.7, nil] && ranking.map(\.experience) == [.good, .little])
        #expect(ranking.map(\.experienceWith) == [.treatment, .herb])
        #expect(ranking.map(\.similarPatients) == [.aboutHalf, nil])
        #expect(ranking.allSatisfy { $0.confidence == nil && $0.reasoning == nil })
    }

    @Test func feedbackIsTyped() throws {
        let read = try message(
            "feedback_update",
            #"{"recommendation_id":7,"samples":3,"mean_rating":4.5,"mean_improvement":null,"side_effects":[{"name":"nausea","count":2}]}"#
        )
        guard case .feedbackUpdate(let update) = read.content else {
            Issue.record("it is \(read.content)")
            return
        }
        #expect(update.recommendationID == 7 && update.samples == 3)
        #expect(update.meanRating == 4.5 && update.meanImprovement == nil)
        #expect(update.sideEffects.map(\.name) == ["nausea"] && update.sideEffects.map(\.count) == [2])
    }

    @Test(arguments: ["effectiveness_update", "recommendation_update", "feedback_update", "something_new"])
    func whatProgramsBroadcastIsKeptAsItIs(type: String) throws {
        let message = try message(type, "{\"n\":1.5,\"list\":[true,null,\"سلام\"]}")
        guard case .other(type, let data) = message.content else {
            Issue.record("it is read as something else")
            return
        }
        #expect(data["n"] == .number(1.5) && data["list"] == .array([.bool(true), .null, .string("سلام")]))
        #expect(data["other"] == nil && data.description == "{\"list\":[true,null,\"سلام\"],\"n\":1.5}")
    }

    @Test(arguments: [
        "", "{}", "[]", "null",
        "{\"type\":\"connect\",\"diagnosis_id\":1,\"seq\":1,\"at\":\"today\",\"data\":{\"replayed\":0}}",
        "{\"type\":\"connect\",\"diagnosis_id\":1,\"seq\":1,\"at\":\"2026-11-21T09:30:00Z\",\"data\":{}}",
        "{\"type\":\"resync\",\"diagnosis_id\":1,\"seq\":1,\"at\":\"2026-11-21T09:30:00Z\",\"data\":{\"ranking\":[]}}",
    ])
    func whatIsNoMessageIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try LiveMessage(json: text) }
    }

    @Test func aStateTakesInWhatFollowsIt() throws {
        var state = DiagnosisState()
        let known = "\"recommendation_id\":3,\"herb\":\"گل‌گاوزبان\""
        state.apply(
            try message(
                "resync",
                """
                {"effectiveness":[{\(known),"windows":{"30":null,"90":null,"all":{"samples":4,"successes":1,"effectiveness":0.25}}}],\
                "trends":[{\(known),"trend":null}],"ranking":[]}
                """))
        #expect(state.recommendations[3]?.effectiveness.all?.samples == 4 && state.recommendations[3]?.trend == nil)
        state.apply(try message("effectiveness_update", update))
        #expect(state.recommendations[3]?.effectiveness.all?.samples == 5)
        #expect(
            state.recommendations[3]?.effectiveness.days30 == nil && state.recommendations[3]?.trend == .insufficient)
        state.apply(try message("recommendation_update", "{\"ranking\":[\(place)]}"))
        #expect(state.ranking.map(\.recommendationID) == [3])
        state.apply(try message("feedback_update", "{}"))
        #expect(state.ranking.count == 1)
        let gone = "{\"old\":{\"samples\":5,\"successes\":1,\"effectiveness\":0.2},\"new\":null}"
        state.apply(
            try message(
                "effectiveness_update",
                "{\(known),\"windows\":{\"30\":\(gone),\"90\":\(gone),\"all\":\(gone)},\"trend\":{\"old\":\"stable\",\"new\":null}}"
            ))
        #expect(state.recommendations.isEmpty)
    }
}
