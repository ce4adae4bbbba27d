import Foundation
import Testing
import TestSupport

/// Names and comments with characters that terminals, fonts and spreadsheets act on, through the binary.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct StrangeTextTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func shell(_ script: String, environment: [String: String] = [:]) async throws -> CommandRun {
        try await CommandRun.shell("set -e; \(script)", in: folder, environment: environment)
    }

    /// A clinic of one patient for each name, imported and computed.
    private func makeClinic(herbs: [String], condition: String = "cough") async throws {
        func quoted(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
        let numbered = Array(zip(1..., herbs))
        func write(_ name: String, _ header: String, _ rows: [String]) throws {
            try folder.write(([header] + rows).joined(separator: "\n") + "\n", to: "in/\(name).csv")
        }
        try write("patients", "patient_id,mizaj_type", numbered.map { "\($0.0),motadel" })
        try write(
            "diagnoses", "diagnosis_id,patient_id,condition,created_at",
            numbered.map { "\($0.0),\($0.0),\(quoted(condition)),2026-09-01T10:00:00Z" })
        try write(
            "recommendations", "recommendation_id,diagnosis_id,herb,created_at",
            numbered.map { "\($0.0),\($0.0),\(quoted($0.1)),2026-09-01T11:00:00Z" })
        try write(
            "feedback", "feedback_id,recommendation_id,rating,created_at",
            numbered.map { "\($0.0),\($0.0),5,2026-09-10T10:00:00Z" })
        let made = try await shell(
            """
            avicenna import in >imported
            avicenna run nightly --as-of 2026-09-30 --only effectiveness,trends,cohorts,scores --no-mail >ran
            """)
        try #require(made.status == 0, "\(made.errors)")
    }

    // MARK: Terminals

    /// What an older version may have stored: controls, an override, a line end.
    private func plant() async throws {
        try await makeClinic(herbs: ["mint QQQ", "sage"])
        let planted = try await shell(
            """
            sqlite3 avicenna.db "UPDATE published_names SET name = replace(name, 'QQQ',
                char(27) || '[31m' || char(155) || '2J' || char(8238) || char(8294) || char(10) || 'row' || char(127))
                WHERE name LIKE '%QQQ'"
            """)
        try #require(planted.status == 0, "\(planted.errors)")
    }

    private static let stored = "mint \u{1B}[31m\u{9B}2J\u{202E}\u{2066}\nrow\u{7F}"
    private static let shown = #"mint \u{1B}[31m\u{9B}2J\u{202E}\u{2066}\u{0A}row\u{7F}"#

    private func hasRawControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            scalar != "\n" && scalar.properties.generalCategory == .control
                || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }

    @Test func resultsAsATableShowWhatATerminalWouldActOn() async throws {
        try await plant()
        let table = try await shell("avicenna results effectiveness --level herb --window all")
        #expect(table.output.contains(Self.shown), "\(table.output)")
        #expect(!hasRawControls(table.output))
        #expect(table.output.split(separator: "\n").count == 3)
    }

    @Test func resultsAsDataKeepTheNames() async throws {
        try await plant()
        let json = try await shell("avicenna results effectiveness --level herb --window all --format json")
        #expect(!hasRawControls(json.output))
        struct Row: Decodable { var subject: String }
        let rows = try JSONDecoder().decode([Row].self, from: Data(json.output.utf8))
        #expect(rows.map(\.subject) == [Self.stored, "sage"])
        let csv = try await shell("avicenna results effectiveness --level herb --window all --format csv")
        #expect(csv.output.contains("\"\(Self.stored)\""))
    }

    @Test func summariesErrorsAndLogsAreOnOneLineWithoutControls() async throws {
        try await plant()
        let wrong = try await CommandRun.avicenna("run", "x\u{1B}[31m\u{9B}\u{202E}\ny", in: folder)
        #expect(wrong.status == 78)
        #expect(!hasRawControls(wrong.errors) && wrong.errors.split(separator: "\n").count == 1, "\(wrong.errors)")
        #expect(wrong.errors.contains(#"x\u{1B}[31m\u{9B}\u{202E}"#))
        let usage = try await CommandRun.avicenna("results", "cohorts", "--level", "\u{1B}[2Jx", in: folder)
        #expect(usage.status == 64 && !hasRawControls(usage.errors), "\(usage.errors)")
        let logged = try await CommandRun.avicenna("run", "x\u{1B}\u{9B}\u{202E}", "--log-format", "json", in: folder)
        #expect(!hasRawControls(logged.errors))
        struct Entry: Decodable { var message: String }
        let entry = try JSONDecoder().decode(Entry.self, from: Data(logged.errors.utf8))
        #expect(entry.message.contains("x\u{1B}\u{9B}\u{202E}"))
        // What a run noted is shown again by other commands.
        let noted = try await shell(
            """
            sqlite3 avicenna.db "UPDATE runs SET error = 'bad ' || char(27) || '[31m' || char(10) || 'x', job = 'n' || char(155)"
            avicenna runs; avicenna runs 1
            """)
        #expect(noted.status == 0 && !hasRawControls(noted.output), "\(noted.output)\(noted.errors)")
        #expect(noted.output.contains(#"bad \u{1B}[31m\u{0A}x"#) && noted.output.contains(#"n\u{9B}"#))
    }

    // MARK: Spreadsheets

    @Test func namesThatLookLikeFormulasAreSafeInCSVAndRawInJSON() async throws {
        let herbs = ["=1+1", "+98 912", "-5", "@home", "=cmd|' /C calc'!A0", "plain"]
        try await makeClinic(herbs: herbs)
        let csv = try await shell("avicenna results cohorts --format csv")
        for herb in herbs.dropLast() {
            #expect(csv.output.contains(",'\(herb),") || csv.output.contains(",\"'\(herb)\","), "\(csv.output)")
        }
        #expect(csv.output.contains(",plain,"))
        struct Row: Decodable { var herb: String }
        let json = try await shell("avicenna results cohorts --format json")
        #expect(Set(try JSONDecoder().decode([Row].self, from: Data(json.output.utf8)).map(\.herb)) == Set(herbs))
    }

    // MARK: Fonts

    private static let names = ["草药茶", "くすり", "한약", "🌿 mint", "😀"]
    private static let report = """
        title: {en: Herbs, fa: گیاهان}
        from: effectiveness
        where: {level: treatment, window: all, min_samples: 1}
        columns: [subject, herb, condition, samples]
        charts: [{kind: bar, x: herb, y: samples}]
        formats: [pdf]
        """

    @Test(arguments: ["en", "fa"]) func fallbackFontsDrawOtherScriptsAndEmoji(language: String) async throws {
        try await makeClinic(herbs: Self.names, condition: "感冒 🤧")
        try folder.write(Self.report, to: "reports/other.yaml")
        let run = try await shell(
            """
            for out in a b; do avicenna report other --reports reports --language \(language) --output $out >/dev/null; done
            cmp a/*.pdf b/*.pdf; pdffonts a/*.pdf; pdftotext -raw a/*.pdf -; avicenna doctor | grep ' fonts '
            """)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.isEmpty, "\(run.errors)")
        for font in ["WenQuanYi", "Symbola"] { #expect(run.output.contains(font), "\(run.output)") }
        for name in Self.names + ["感冒", "🤧"] { #expect(run.output.contains(name), "\(name): \(run.output)") }
        #expect(run.output.contains("good   fonts "))
    }

    /// With the fonts of fonts-noto-core alone.
    @Test(arguments: ["en", "fa"]) func whatNoFontHasIsNamedAndNeverABox(language: String) async throws {
        try await makeClinic(herbs: Self.names)
        try folder.write(Self.report, to: "reports/other.yaml")
        let fonts = try folder.write(
            """
            <?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
            <fontconfig>
            <dir>/usr/share/fonts/truetype/noto</dir><cachedir>\(folder.path("cache"))</cachedir>
            </fontconfig>
            """, to: "fonts.conf")
        let run = try await shell(
            """
            avicenna report other --reports reports --language \(language) --output a
            avicenna run nightly --as-of 2026-09-30 --no-mail --reports reports --jobs jobs --language \(language)
            pdftotext -raw a/*.pdf -; avicenna doctor --reports reports --format csv | grep ',fonts,'
            """, environment: ["FONTCONFIG_FILE": fonts, "AVICENNA_JOBS": try job(of: "other")])
        #expect(run.status == 0, "\(run.errors)")
        for name in Self.names.dropLast() {
            for scalar in name.unicodeScalars where !scalar.isASCII {
                let form = "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
                #expect(run.output.contains(form), "\(form): \(run.output)")
            }
        }
        let warnings = run.errors.split(separator: "\n").filter { $0.contains("no installed font has U+") }
        #expect(warnings.count == 2, "\(run.errors)")  // of the report, and of the run
        #expect(run.output.contains("doubtful,fonts,"), "\(run.output)")
        #expect(run.output.contains("install fonts-wqy-microhei fonts-symbola"), "\(run.output)")
    }

    /// A folder with the job `nightly` that writes one report.
    private func job(of report: String) throws -> String {
        let job = "stages: [effectiveness, trends, cohorts, scores, reports]\nreports: [\(report)]\n"
        try folder.write(job, to: "jobs/nightly.yaml")
        return folder.path("jobs")
    }

    // MARK: Directions

    @Test func namesWithoutLettersRunFromLeftToRightOnAPersianPage() async throws {
        let herbs = ["-5", "+98 912", "=1+1", "(12)-"]
        try await makeClinic(herbs: herbs, condition: "بی‌خوابی")
        try folder.write(
            """
            title: گیاهان
            from: effectiveness
            where: {level: treatment, window: all, min_samples: 1}
            columns: [subject, herb, condition, samples]
            formats: [pdf, xlsx]
            """, to: "reports/other.yaml")
        let run = try await shell(
            """
            avicenna report other --reports reports --language fa --output a >/dev/null
            pdftotext -raw a/*.pdf - | tr -d '\\342\\200\\216\\217\\252\\253\\254'
            /usr/bin/python3 "$SCRIPTS/reading_order.py" a/*.xlsx
            """)
        #expect(run.status == 0, "\(run.errors)")
        for herb in herbs {
            // In both columns, and on the sheet.
            #expect(run.output.components(separatedBy: herb).count > 3, "\(herb): \(run.output)")
            #expect(run.output.contains("\(herb) 1 2\n"), "\(run.output)")
        }
    }

    // MARK: Counts

    @Test func oneIsSingular() async throws {
        try await makeClinic(herbs: ["mint"])
        try folder.write("title: x\nfrom: cohorts\nwhere: {min_samples: 1}\n", to: "reports/one.yaml")
        let run = try await shell(
            """
            cat imported ran
            avicenna report one --reports reports; ls output
            avicenna run nightly --as-of 2026-09-29 --verbose --no-mail --jobs "$JOBS" --reports reports
            """, environment: ["JOBS": try job(of: "one")])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("\n4 rows in "))
        #expect(run.output.contains(": 1 case, "))
        #expect(run.output.contains("1 case on 1 recommendation, 1 diagnosis, 1 patient\n"), "\(run.output)")
        #expect(run.output.contains("1 of 1 row\n") && run.output.contains(" (1 row)\n"), "\(run.output)")
        #expect(run.output.contains("scored     1 recommendation\n"))
        let wrong = /[^0-9,.]1 (rows|reports|cases|recommendations|files|deltas|mails|treatments|patients)/
        #expect(!run.output.contains(wrong), "\(run.output)")
        // A definition that names no formats is written in all.
        #expect(run.output.contains("one-2026-09-30.csv\none-2026-09-30.pdf\none-2026-09-30.xlsx\n"), "\(run.output)")
    }
}
