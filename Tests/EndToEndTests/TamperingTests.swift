import Foundation
import TestSupport
import Testing

/// `audit verify` on a clinic that was imported twice, served, and then edited with SQL.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct TamperingTests {
    @Test("finds what was edited with SQL, and says what it is", .timeLimit(.minutes(30)))
    func findsEdits() async throws {
        let api = try await ServedAPI()
        let token = try await api.clinic.token("--admin")
        for recommendation in 1...3 {
            let answer = try await api.ask(
                "POST", "/api/feedback/submit", token, json: #"{"recommendation_id":\#(recommendation),"rating":4}"#)
            #expect(answer.status == 201)
        }
        let again = try await api.clinic.shell(
            """
            avicenna token --revoke t1 >/dev/null; sed -i '2s/,[1-5],/,1,/;3s/,[1-5],/,1,/' in/feedback.csv; avicenna import in >/dev/null
            avicenna audit verify && avicenna backup kept >/dev/null
            """)
        #expect(
            again.status == 0 && again.output.contains("all as they were written"), "\(again.output)\(again.errors)")
        for (edit, problem) in [
            ("DELETE FROM feedback WHERE feedback_id = 3002", "feedback 3002 is not there, though entry "),
            ("DELETE FROM feedback WHERE feedback_id = 2000", "import 1 ('clinic') has "),
            (
                "UPDATE feedback SET import_id = 1 WHERE feedback_id = 3001",
                "feedback 3001 passes for imported from 'clinic'"
            ),
            (
                "UPDATE feedback SET deleted_at = 0 WHERE feedback_id = 2000",
                "the feedback records of import 1 ('clinic')"
            ),
            (
                "UPDATE feedback SET deleted_at = 0 WHERE feedback_id = 3003",
                "feedback 3003 is not as its newest entry says"
            ),
            ("INSERT INTO feedback VALUES (9000, 1, 5, NULL, NULL, 0, NULL, 1)", "import 1 ('clinic') has "),
            ("UPDATE imports SET source = 'else' WHERE import_id = 1", "import 1 is not as its entry says"),
            (
                "UPDATE feedback_authors SET subject = 'else' WHERE feedback_id = 3001",
                "the author of feedback 3001 is not"
            ),
            ("DELETE FROM revocations", "revocation 1 is not there, though it has an entry"),
        ] {
            let run = try await api.clinic.shell(
                """
                cp kept edited.db; sqlite3 edited.db "\(edit)"; avicenna audit verify --database edited.db; echo $?
                """)
            #expect(run.output == "65\n", "\(edit): \(run.output)")
            #expect(run.errors.contains(problem), "\(edit): \(run.errors)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
    }

    @Test("a token with control characters in its claims is refused, and writes nothing", .timeLimit(.minutes(30)))
    func controlCharacters() async throws {
        let api = try await ServedAPI()
        let tokens = try await api.clinic.signedTokens("control_characters")
        try #require(tokens.count == 49)
        for (number, token) in tokens.enumerated() {
            let answer = try await api.ask(
                "POST", "/api/feedback/submit", token, json: #"{"recommendation_id":1,"rating":4}"#)
            #expect(answer.status == (number == 0 ? 201 : 401), "\(number): \(answer.body)")
        }
        #expect(try await api.sql("SELECT count(*) FROM feedback_authors") == "1")
        #expect(try await api.clinic.shell("avicenna audit verify").status == 0)
        for option in ["--admin --subject $'a\\nb'", "--revoke $'a\\x1b'", "--revoke-subject $'\\t'"] {
            #expect(try await api.clinic.shell("avicenna token \(option)").status == 64)
        }
    }

    @Test("serve and relay warn of secrets that others can read", arguments: ["serve", "relay"])
    func readableSecrets(command: String) async throws {
        let clinic = try await ServedClinic(
            settings: """
                mail_server: localhost:1
                mail_security: none
                mail_from: clinic@localhost
                mail_user: u
                mail_password_file: password

                """)
        try clinic.folder.write("word", to: "password")
        _ = try await clinic.shell("chmod 640 secret; chmod 644 password")
        let warned = try await ServerProcess(in: clinic.folder, command: command)
        let (secret, password) = (clinic.folder.path("secret"), clinic.folder.path("password"))
        var expected = "\(secret) can be read by others (640); chmod 600 \(secret)\n"
        if command == "serve" { expected += "\(password) can be read by others (644); chmod 600 \(password)\n" }
        #expect(try warned.errors == expected + "listening at 127.0.0.1:\(warned.port)\n")
        _ = try await clinic.shell("chmod 600 secret password")
        let quiet = try await ServerProcess(in: clinic.folder, command: command)
        #expect(try quiet.errors == "listening at 127.0.0.1:\(quiet.port)\n")
    }

    @Test("verifies records that later imports changed and deleted, and finds one that was added to them")
    func mirroredImports() async throws {
        let clinic = try await ServedClinic()
        let run = try await clinic.script("mirrored_imports.sh")
        let lines = run.output.split(separator: "\n")
        try #require(lines.count == 6, "\(run.output)\(run.errors)")
        #expect(lines[0] == "0" && lines[1].hasPrefix("2 entries, all as they were written") && lines[2] == "2969")
        #expect(lines[3].hasPrefix("3 entries, all as they were written") && lines[4] == "0" && lines[5] == "65")
    }
}
