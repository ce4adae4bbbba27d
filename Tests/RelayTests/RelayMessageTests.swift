import Domain
import Statistics
import Store
import TestSupport
import Testing

@testable import Relay

/// The messages of the protocol, as `docs` describe them to app developers.
@Suite(.timeLimit(.minutes(5))) struct RelayMessageTests {
    private let messages = RelayMessage(epoch: .zero)
    private let diagnosis = DiagnosisID(rawValue: 3)
    private let at = instant("2026-10-20T09:00:00Z")
    private let mint = RecommendationID(rawValue: 7)
    private let fennel = RecommendationID(rawValue: 8)

    private var herbs: HerbNames {
        var names = HerbNames()
        names.displayed = [mint: "Mint", fennel: "Fennel"]
        names.entered = [mint: "my mint", fennel: "my fennel"]
        return names
    }

    private func delta(_ change: Delta.Change, herbs: HerbNames? = nil) -> String {
        messages.delta(
            Delta(sequence: 5, diagnosis: diagnosis, at: at, change: change), herbs: herbs ?? self.herbs)
    }

    private func parsed(_ text: String) throws -> JSON {
        try JSONDocument(Array(text.utf8), limits: JSONLimits(bytes: 1 << 20)).value
    }

    private func head(_ type: String) -> String {
        #"{"type":"\#(type)","diagnosis_id":3,"seq":5,"epoch":"0000000000000000","at":"2026-10-20T09:00:00Z","data":"#
    }

    private func counts(_ days90: (Int32, Int32), all: (Int32, Int32)) -> WindowCounts {
        WindowCounts(
            days30: .init(samples: 0, successes: 0), days90: .init(samples: days90.0, successes: days90.1),
            all: .init(samples: all.0, successes: all.1))
    }

    private func place(_ recommendation: RecommendationID, rank: Int32 = 1) -> RankedRecommendation {
        RankedRecommendation(
            recommendation: recommendation, herb: TermID(rawValue: 1),
            prediction: Prediction(
                diagnosis: diagnosis, basis: .treatmentAll, historicalSamples: 10, historicalSuccesses: 4,
                similarPatients: 5, similarSuccesses: 2, score: 0.625, confidence: 0.5, rank: rank))
    }

    private func coarsePlace(_ recommendation: RecommendationID) -> PatientPlace {
        PatientPlace(
            recommendation: recommendation,
            prediction: PatientPrediction(rank: 1, tenths: 6, experience: .some, basis: .herb, similar: nil))
    }

    @Test("connect says how many messages follow, and pong says nothing")
    func connectAndPong() {
        #expect(messages.connect(diagnosis, sequence: 5, at: at, replayed: 2) == head("connect") + #"{"replayed":2}}"#)
        #expect(messages.pong(diagnosis, sequence: 5, at: at) == head("pong") + "{}}")
    }

    @Test("a broadcast is passed on as it was written", arguments: Delta.Kind.allCases)
    func broadcast(kind: Delta.Kind) {
        let data = #"{ "z" : 1.50,"a":12345678901234567890, "é":"\u06af" }"#
        #expect(delta(.broadcast(kind, json: data)) == head(kind.rawValue) + data + "}")
    }

    @Test(
        "an effectiveness_update has both counts of each window, null where there is no case, and what follows from them"
    )
    func effectiveness() {
        let text = delta(
            .effectiveness(recommendation: mint, old: nil, new: counts((0, 0), all: (4, 1))))
        #expect(
            text == head("effectiveness_update")
                + #"{"recommendation_id":7,"herb":"Mint","windows":{"30":{"old":null,"new":null},"90":{"old":null,"new":null},"#
                + #""all":{"old":null,"new":{"samples":4,"successes":1,"effectiveness":0.25}}},"#
                + #""trend":{"old":null,"new":null}}}"#)
    }

    @Test("an effectiveness_update has the trends that follow from the counts")
    func trends() throws {
        let (old, new) = (counts((3, 3), all: (3, 3)), counts((4, 3), all: (4, 3)))
        let trend = try parsed(delta(.effectiveness(recommendation: mint, old: old, new: new)))["data"]?["trend"]
        #expect(trend?["old"] == .text(try #require(old.trend).direction.rawValue))
        #expect(trend?["new"] == .text(try #require(new.trend).direction.rawValue))
    }

    @Test("staff see the displayed names of herbs, and patients those of their recommendations")
    func herbNames() throws {
        func herb(_ change: Delta.Change) throws -> JSON? {
            let data = try parsed(delta(change))["data"]
            return data?["herb"] ?? data?["ranking"]?.entries.first?["herb"]
        }
        #expect(try herb(.effectiveness(recommendation: mint, old: nil, new: nil)) == "Mint")
        #expect(try herb(.ownEffectiveness(recommendation: mint, old: nil, new: nil)) == "my mint")
        #expect(try herb(.ranking([place(mint)])) == "Mint")
        #expect(try herb(.patientRanking([coarsePlace(mint)])) == "my mint")
    }

    @Test("a recommendation_update for staff has scores and what they rest on")
    func ranking() throws {
        let text = delta(.ranking([place(fennel), place(mint, rank: 2)]))
        #expect(text.hasPrefix(head("recommendation_update")))
        let data = try #require(try parsed(text)["data"])
        #expect(data["ranking_total"] == 2)
        let places = try #require(data["ranking"]?.entries)
        #expect(places.map { $0["recommendation_id"] } == [8, 7] && places.map { $0["rank"] } == [1, 2])
        #expect(places[0]["score"] == .number(0.625) && places[0]["confidence"] == .number(0.5))
        let historical = places[0]["reasoning"]?["historical"]
        #expect(historical?["basis"] == "treatment/all")
        #expect(historical?["samples"] == 10 && historical?["successes"] == 4)
        let similar = places[0]["reasoning"]?["similar"]
        #expect(similar?["patients"] == 5 && similar?["successes"] == 2)
    }

    @Test("a recommendation_update for patients has coarse values alone")
    func patientRanking() {
        #expect(
            delta(.patientRanking([coarsePlace(mint)])) == head("recommendation_update")
                + #"{"ranking":[{"recommendation_id":7,"herb":"my mint","rank":1,"score":0.6,"experience":"some","#
                + #""experience_with":"herb","similar_patients":null}],"ranking_total":1}}"#)
    }

    @Test(
        "a ranking that is too long for a message has its best places, and says how many there are",
        arguments: ["x", "گ", "\""])
    func longRanking(character: String) throws {
        var herbs = HerbNames()
        let places = (1...1000 as ClosedRange<Int64>).map { number in
            let recommendation = RecommendationID(rawValue: number)
            herbs.displayed[recommendation] = String(repeating: character, count: 500)
            return place(recommendation, rank: Int32(number))
        }
        let text = delta(.ranking(places), herbs: herbs)
        #expect(text.utf8.count <= Delta.largestMessage)
        let data = try #require(try parsed(text)["data"])
        let shown = data["ranking"]?.entries ?? []
        #expect(data["ranking_total"] == 1000)
        #expect(shown.map { $0["rank"]?.wholeNumber } == (1...Int64(shown.count)).map { $0 })
        // Another one would not have fitted.
        let length = try #require(shown.first).description.utf8.count
        #expect(text.utf8.count + length > Delta.largestData)
        #expect(shown.first?["herb"]?.string == String(repeating: character, count: 200) + "…")
    }

    @Test("a resync has the whole state of the diagnosis, by ascending recommendation, and all of its ranking")
    func resync() throws {
        let state = DiagnosisState(
            effectiveness: [fennel: counts((0, 0), all: (4, 1)), mint: counts((2, 2), all: (2, 2))],
            ranking: .exact((1...500).map { _ in place(mint) }))
        let text = messages.resync(diagnosis, sequence: 5, at: at, state: state, herbs: herbs)
        #expect(text.hasPrefix(head("resync")))
        let data = try #require(try parsed(text)["data"])
        let effectiveness = data["effectiveness"]?.entries ?? []
        #expect(effectiveness.map { $0["recommendation_id"] } == [7, 8])
        #expect(effectiveness.map { $0["herb"] } == ["Mint", "Fennel"])
        #expect(effectiveness[1]["windows"]?["all"] == ["samples": 4, "successes": 1, "effectiveness": .number(0.25)])
        #expect(effectiveness[1]["windows"]?["90"] == .null)
        let trends = data["trends"]?.entries ?? []
        #expect(trends.map { $0["recommendation_id"] } == [7, 8])
        #expect(trends[0]["trend"]?.string != nil && trends[1]["trend"] == .null)
        #expect(data["ranking"]?.entries.count == 500 && data["ranking_total"] == 500)
    }

    @Test("a resync of a patient has names as entered and a coarse ranking")
    func patientResync() throws {
        let state = DiagnosisState(
            effectiveness: [mint: counts((2, 2), all: (2, 2))], ranking: .coarse([coarsePlace(fennel)]))
        let data = try parsed(messages.resync(diagnosis, sequence: 5, at: at, state: state, herbs: herbs))["data"]
        #expect(data?["effectiveness"]?.entries.map { $0["herb"] } == ["my mint"])
        #expect(data?["ranking"]?.entries.map { $0["herb"] } == ["my fennel"])
        #expect(data?["ranking"]?.entries.first?["confidence"] == nil)
    }
}
