import Domain
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct RecordRoutesTests {
    private let api: TestAPI
    private let service: String

    init() async throws {
        api = try await TestAPI(isPublished: false)
        service = try await api.token(.service)
    }

    private func add(_ path: String, _ body: String, headers: [String: String] = [:]) async throws -> TestAnswer {
        try await api.ask(.post, "/api/\(path)", service, json: body, headers: headers)
    }

    @Test("adds records with the next free number, as they are read back")
    func newRecords() async throws {
        for (path, body, written) in [
            (
                "patients", #"{"mizaj_type":"garm_tar","sex":"female","birth_year":1990}"#,
                #"{"id":27,"mizaj_type":"garm_tar","sex":"female","birth_year":1990}"#
            ),
            (
                "diagnoses", #"{"patient_id":27,"condition":" بی‌خوابی ","symptoms":["a; b"]}"#,
                #"{"id":51,"patient_id":27,"condition":"بی‌خوابی","symptoms":["a","b"],"created_at":"2026-10-20T09:00:00Z"}"#
            ),
            (
                "recommendations", #"{"diagnosis_id":51,"herb":"زعفران","created_at":"2026-10-19T10:00:00+03:30"}"#,
                #"{"id":52,"diagnosis_id":51,"herb":"زعفران","created_at":"2026-10-19T06:30:00Z"}"#
            ),
        ] {
            let answer = try await add(path, body)
            #expect(answer.status == 201 && answer.body == written, "\(answer.body)")
            let id = try #require(answer.json["id"]?.wholeNumber)
            #expect(try await api.ask(.get, "/api/\(path)/\(id)", service).body == written)
        }
    }

    @Test("takes the same record again, and refuses another one of its number")
    func givenNumbers() async throws {
        let body = #"{"id":500,"mizaj_type":"motadel"}"#
        for _ in 1...2 { #expect(try await add("patients", body).status == 201) }
        let taken = try await add("patients", #"{"id":500,"mizaj_type":"garm_tar"}"#)
        #expect(taken.status == 409)
        #expect(taken.json["detail"] == "patient 500 is there already, with other content")
        #expect(try await add("patients", #"{"mizaj_type":"motadel"}"#).json["id"] == 501)
    }

    @Test(
        "refuses records that cannot be right",
        arguments: [
            ("diagnoses", #"{"patient_id":999,"condition":"x"}"#, 404, "there is no patient 999"),
            ("recommendations", #"{"diagnosis_id":999,"herb":"x"}"#, 404, "there is no diagnosis 999"),
            // A Persian year is not taken for one of the Middle Ages.
            (
                "diagnoses", #"{"patient_id":1,"condition":"x","created_at":"1405-07-28T09:30:00+03:30"}"#, 409,
                "created_at: is before 1900; it looks like a date of another calendar"
            ),
            (
                "diagnoses", #"{"patient_id":1,"condition":"x","created_at":"2026-10-21T09:00:01Z"}"#, 409,
                "created_at: is more than a day in the future"
            ),
            ("patients", #"{"mizaj_type":"motadel","birth_year":2027}"#, 409, "birth_year: lies in the future"),
        ])
    func impossibleRecords(path: String, body: String, status: Int, detail: String) async throws {
        let answer = try await add(path, body)
        #expect(answer.status == status && answer.json["detail"] == .text(detail), "\(answer.body)")
    }

    @Test(
        "refuses fields that are not as they must be",
        arguments: [
            ("patients", "{}", "mizaj_type"), ("patients", #"{"mizaj_type":"x"}"#, "mizaj_type"),
            ("patients", #"{"mizaj_type":"motadel","sex":"x"}"#, "sex"),
            ("patients", #"{"mizaj_type":"motadel","birth_year":1899}"#, "birth_year"),
            ("patients", #"{"id":0,"mizaj_type":"motadel"}"#, "id"),
            ("diagnoses", #"{"patient_id":1,"condition":" "}"#, "condition"),
            ("diagnoses", #"{"patient_id":1,"condition":"x","created_at":"yesterday"}"#, "created_at"),
            ("recommendations", #"{"diagnosis_id":1,"herb":"\#(String(repeating: "x", count: 201))"}"#, "herb"),
        ])
    func invalidFields(path: String, body: String, field: String) async throws {
        let answer = try await add(path, body)
        #expect(answer.status == 422)
        #expect(answer.json["errors"]?.entries.map { $0["field"]?.string } == [field])
    }

    @Test("adds batches as a whole")
    func batches() async throws {
        let written = try await add(
            "patients/batch", #"{"patients":[{"mizaj_type":"garm_tar"},{"mizaj_type":"sard_tar"}]}"#)
        #expect(written.status == 201 && written.json["written"] == 2)
        #expect(written.json["results"]?.entries.map { $0["record"]?["id"] } == [27, 28])
        let refused = try await add(
            "diagnoses/batch",
            #"{"diagnoses":[{"patient_id":1,"condition":"x"},{"patient_id":999,"condition":"x"}]}"#)
        #expect(refused.status == 404 && refused.json["errors"]?[0]?["field"] == "diagnoses[1]")
        #expect(try await api.ask(.get, "/api/diagnoses/51", service).status == 404)
    }

    @Test("counts a request with the same key once")
    func idempotency() async throws {
        let key = ["Idempotency-Key": "k"]
        let first = try await add("patients", #"{"mizaj_type":"garm_tar"}"#, headers: key)
        #expect(try await add("patients", #"{"mizaj_type":"garm_tar"}"#, headers: key).body == first.body)
        #expect(try await add("patients", #"{"mizaj_type":"sard_tar"}"#, headers: key).status == 409)
        #expect(try await api.ask(.get, "/api/patients/28", service).status == 404)
    }

    @Test(
        "pages of a list follow each other, by number",
        arguments: [("patients", 26), ("diagnoses", 50), ("recommendations", 51)])
    func lists(plural: String, count: Int) async throws {
        var ids: [Int64?] = []
        var cursor = ""
        repeat {
            let page = try await api.get("/api/\(plural)?limit=20" + cursor, service)
            ids += page[plural]?.entries.map { $0["id"]?.wholeNumber } ?? []
            cursor = page["next_cursor"]?.string.map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        #expect(ids == (1...Int64(count)).map { $0 })
        #expect(try await api.ask(.get, "/api/\(plural)?limit=1001", service).status == 422)
    }

    @Test("lists the diagnoses of a patient and the recommendations of a diagnosis")
    func children() async throws {
        let diagnoses = try await api.get("/api/patients/3/diagnoses?limit=1", service)
        #expect(diagnoses["diagnoses"]?.entries.map { $0["id"] } == [3])
        let cursor = try #require(diagnoses["next_cursor"]?.string)
        let rest = try await api.get("/api/patients/3/diagnoses?cursor=\(cursor)", service)
        #expect(rest["diagnoses"]?.entries.map { $0["id"] } == [4] && rest["next_cursor"] == .null)
        let recommendations = try await api.get("/api/diagnoses/1/recommendations", service)
        #expect(recommendations["recommendations"]?.entries.map { $0["herb"] } == ["saffron", "mint"])
        #expect(try await api.ask(.get, "/api/patients/999/diagnoses", service).status == 404)
        #expect(try await api.ask(.get, "/api/diagnoses/999/recommendations", service).status == 404)
    }
}
