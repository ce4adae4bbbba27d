import Domain
import Testing
import TestSupport

@testable import Web

/// Bodies are held against the schema that describes them, and what is wrong is named by its field.
@Suite(.timeLimit(.minutes(30))) struct SchemaTests {
    private func problems(_ json: String, _ schema: Schema) throws -> [String] {
        schema.problems(
            of: try JSONDocument(Array(json.utf8), limits: JSONLimits(bytes: 1 << 20)).value, at: ""
        ).map { "\($0.field): \($0.detail)" }
    }

    private static let drafts: [(json: String, problems: [String])] = [
        (#"{"recommendation_id":1,"rating":5}"#, []),
        (#"{"recommendation_id":1.0,"rating":5,"compliance":null,"comment":""}"#, []),
        (
            #"{"recommendation_id":0,"rating":5}"#,
            ["recommendation_id: must be a whole number from 1 to 4611686018427387904"]
        ),
        (#"{"recommendation_id":1,"rating":"5"}"#, ["rating: must be a whole number from 1 to 5"]),
        (#"{"recommendation_id":1,"rating":4.5}"#, ["rating: must be a whole number from 1 to 5"]),
        (#"{"recommendation_id":1,"rating":true}"#, ["rating: must be a whole number from 1 to 5"]),
        (
            #"{"recommendation_id":99999999999999999999,"rating":5}"#,
            ["recommendation_id: must be a whole number from 1 to 4611686018427387904"]
        ),
        (#"{"recommendation_id":1,"ratin":5}"#, ["ratin: is not known; did you mean 'rating'?", "rating: is missing"]),
        (#"{"recommendation_id":1,"rating":5,"compliance":1.5}"#, ["compliance: must be a number from 0.0 to 1.0"]),
        (
            #"{"recommendation_id":1,"rating":5,"side_effects":["x"," "]}"#,
            ["side_effects[1]: must be a name with a letter, without ';', control characters and noncharacters"]
        ),
        (
            #"{"recommendation_id":1,"rating":5,"side_effects":["\u0000x"]}"#,
            ["side_effects[0]: must be a name with a letter, without ';', control characters and noncharacters"]
        ),
        (#"{"recommendation_id":1,"rating":5,"side_effects":"x"}"#, ["side_effects: must be a list"]),
        ("[]", ["body: must be an object"]), ("3", ["body: must be an object"]),
    ]

    @Test(arguments: drafts.indices) func whatIsWrongIsNamed(_ index: Int) throws {
        #expect(try problems(Self.drafts[index].json, .feedbackDraft) == Self.drafts[index].problems)
    }

    @Test("refuses noncharacters, escaped or not", arguments: ["FFFE", "FDD0", "D83F\\uDFFE", "001b", "0085"])
    func forbiddenCharacters(escape: String) throws {
        let reason = "must be a name with a letter, without ';', control characters and noncharacters"
        for (member, expected) in [
            (#""comment":"a\u\#(escape)""#, "comment: must be text without control characters and noncharacters"),
            (#""side_effects":["a\u\#(escape)"]"#, "side_effects[0]: \(reason)"),
        ] {
            #expect(try problems(#"{"recommendation_id":1,"rating":5,\#(member)}"#, .feedbackDraft) == [expected])
        }
        let scalar = noncharacter(0xFFFE)
        #expect(
            try problems("{\"recommendation_id\":1,\"rating\":5,\"comment\":\"\(scalar)\"}", .feedbackDraft)
                == ["comment: must be text without control characters and noncharacters"])
    }

    @Test func commentsHaveALongest() throws {
        let longest = String(repeating: "ب", count: 500)
        #expect(try problems(#"{"recommendation_id":1,"rating":5,"comment":"\#(longest)"}"#, .feedbackDraft) == [])
        #expect(
            try problems(#"{"recommendation_id":1,"rating":5,"comment":"\#(longest)!"}"#, .feedbackDraft)
                == ["comment: has 501 characters, but at most 500 are allowed"])
    }

    @Test("reports 20 violations at most, and suggests a name for the first only")
    func manyViolations() throws {
        let unknown = (0..<400).map { "\"ratin\($0)\":1" }.joined(separator: ",")
        let found = try problems("{\(unknown)}", .feedbackDraft)
        #expect(found.count == 20)
        #expect(found.count { $0.contains("did you mean") || $0.contains("known:") } == 1, "\(found)")
        let list = "[" + Array(repeating: "0", count: 20_000 - 2).joined(separator: ",") + "]"
        #expect(try problems(list, .array(of: .text)).count == 20)
        let long = "\"" + String(repeating: "x", count: 10_000) + "\":1"
        #expect(try problems("{\(long)}", .feedbackDraft).allSatisfy { $0.utf8.count < 500 })
    }

    @Test("counts side effects after they are split")
    func sideEffects() throws {
        func draft(_ effects: [String]) -> String {
            "{\"recommendation_id\":1,\"rating\":5,\"side_effects\":\(JSON(effects.map { .text($0) }))}"
        }
        func joined(_ count: Int) -> String { (0..<count).map { "e\($0)" }.joined(separator: ";") }
        let longest = String(repeating: "ب", count: 100)
        for effects in [[], [joined(20)], ["a; \(longest.dropLast(1));b"], [longest], Array(repeating: "a", count: 20)]
        {
            #expect(try problems(draft(effects), .feedbackDraft) == [], "\(effects)")
        }
        for effects in [
            [joined(21)], ["a;b", "c"], ["a;\(longest)x"], ["\(longest)x"], [";"], [" ; "],
            Array(repeating: "a", count: 21),
        ] {
            #expect(try problems(draft(effects), .feedbackDraft).count == 1, "\(effects)")
        }
    }

    @Test(arguments: [
        ("fa", Language.persian), ("fa-IR,fa;q=0.9,en;q=0.8", .persian), ("de, en;q=0.5, ar;q=0.7", .arabic),
        ("en-GB", .english), ("de", nil), ("*", nil), ("fa;q=0, en;q=0.1", .english), ("", nil), (nil, nil),
    ])
    func languagesAreReadFromHeaders(header: String?, expected: Language?) {
        #expect(Language(accept: header) == expected)
    }

    @Test func rateLimitsFillSteadily() {
        let limiter = RateLimiter(perMinute: 60)
        let start = ContinuousClock.now
        for _ in 0..<60 { #expect(limiter.delay(for: "a", at: start) == nil) }
        #expect(limiter.delay(for: "a", at: start) == 1)
        #expect(limiter.delay(for: "b", at: start) == nil)
        #expect(limiter.delay(for: "a", at: start + .milliseconds(999)) != nil)
        #expect(limiter.delay(for: "a", at: start + .milliseconds(1001)) == nil)
        for _ in 0..<600 { #expect(limiter.delay(for: "c", cost: 0.1, at: start) == nil) }
        #expect(limiter.delay(for: "c", cost: 0.1, at: start) == 1)
        for _ in 0..<60 { #expect(limiter.delay(for: "a", at: start + .seconds(600)) == nil) }
        #expect(limiter.delay(for: "a", at: start + .seconds(600)) != nil)
    }
}
