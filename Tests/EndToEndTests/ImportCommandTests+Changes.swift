import Domain
import Foundation
import Testing
import TestSupport

/// Rejects, and imports that change records.
extension ImportCommandTests {
    @Test("a list of rejects is that of the last import, or there is none")
    func listOfRejects() async throws {
        try write(["patients.csv": "patient_id,mizaj_type\n1,motadel\n2,motadle\n"])
        let bad = try await avicenna("import in")
        #expect(bad.status == 65)
        #expect(bad.errors.contains("in/patients.csv:3: mizaj_type: is 'motadle'"))
        #expect(try folder.read("rejects.csv").contains("motadle"))
        try write()
        #expect(try await avicenna("import in").status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path("rejects.csv")))
    }

    @Test("never writes rejects over a file that is not a list of rejects")
    func foreignListOfRejects() async throws {
        try write(["patients.csv": "patient_id,mizaj_type\n1,motadle\n"])
        try folder.write("precious", to: "precious")
        for path in ["precious", "avicenna.db", "link"] {
            _ = try await CommandRun.shell("ln -sf precious link", in: folder)
            let run = try await avicenna("import in --rejects \(path)")
            if path == "avicenna.db" {
                #expect(run.status == 65 || run.status == 73)
            } else {
                #expect(run.status == 73)
                #expect(run.errors.contains("not a list of rejects"), "\(run.errors)")
            }
        }
        #expect(try folder.read("precious") == "precious")
        try write()
        let good = try await avicenna("import in --rejects precious")
        #expect(good.status == 73)
        #expect(try folder.read("precious") == "precious")
    }

    @Test("reports rejects where there is no place to list them")
    func noPlaceForRejects() async throws {
        try write(["patients.csv": "patient_id,mizaj_type\n1,motadle\n2,motadel\n"])
        let run = try await avicenna("import in --rejects /proc/rejects.csv --allow-rejects all")
        #expect(run.status == 0)
        #expect(run.errors.contains("rejected in/patients.csv:2: mizaj_type: is 'motadle'"), "\(run.errors)")
        #expect(run.errors.contains("rejects are not listed: /proc/rejects.csv: cannot be written"), "\(run.errors)")
    }

    @Test("prints nothing on success where that is wanted")
    func quiet() async throws {
        try write()
        let run = try await avicenna("import in --quiet")
        #expect(run.status == 0)
        #expect(run.output.isEmpty)
        #expect(run.errors.isEmpty)
        #expect(try await avicenna("import in").output.contains("6 rows in"))
    }

    // MARK: Changes

    /// The files with so many feedbacks, of which some have another rating.
    private func writeFeedback(_ count: Int, changed: Int, first: Int = 1) throws {
        let rows = (first..<first + count).map {
            "\($0),1,\($0 < first + changed ? 1 : 5),,,,2026-02-01T10:00:00Z,"
        }
        try write(["feedback.csv": ([Self.header] + rows).joined(separator: "\n") + "\n"])
    }

    @Test("asks before an import changes more than a fifth of the records of a source")
    func unusualChanges() async throws {
        try writeFeedback(60, changed: 0)
        #expect(try await avicenna("import in").status == 0)
        try writeFeedback(60, changed: 12)
        #expect(try await avicenna("import in").status == 0)
        let before = try await records()
        try writeFeedback(60, changed: 30)
        let run = try await avicenna("import in")
        #expect(run.status == 65)
        #expect(
            run.errors.contains("18 of 60 feedback of source 'clinic' would be replaced by other content"),
            "\(run.errors)")
        #expect(run.errors.contains("--allow-changes"))
        #expect(try await records() == before)
        #expect(try await avicenna("import in --allow-changes").status == 0)
        #expect(try await records() != before)
    }

    @Test("counts the records that are no longer in the files, and deletes them where that is wanted")
    func mirror() async throws {
        try writeFeedback(60, changed: 0)
        #expect(try await avicenna("import in").status == 0)
        let all = try await records()
        try writeFeedback(56, changed: 0)
        let noted = try await avicenna("import in")
        #expect(
            noted.errors.contains("4 records of this source are no longer in the files (4 feedback); they stay"),
            "\(noted.errors)")
        #expect(try await records() == all)
        let mirrored = try await avicenna("import in --mirror")
        #expect(mirrored.status == 0)
        #expect(mirrored.errors.contains("(4 feedback); deleted"), "\(mirrored.errors)")
        #expect(try await records() != all)
        #expect(try await avicenna("import in").errors.isEmpty)
        try writeFeedback(30, changed: 0)
        let many = try await avicenna("import in --mirror")
        #expect(many.status == 65)
        #expect(many.errors.contains("26 of 56 feedback of source 'clinic' would be deleted"))
        try write(["feedback.csv": "\(Self.header)\n1,1,9,,,,2026-02-01T10:00:00Z,\n"])
        let rejected = try await avicenna("import in --mirror --allow-changes --allow-rejects all")
        #expect(rejected.status == 65)
        #expect(rejected.errors.contains("1 row was rejected, so that --mirror cannot know"))
    }

    @Test("a mirrored patient disappears with all that was theirs, and keeps what others refer to")
    func mirrorAllKinds() async throws {
        try write()
        #expect(try await avicenna("import in").status == 0)
        try write([
            "diagnoses.csv": "diagnosis_id,patient_id,condition,created_at\n", "feedback.csv": "\(Self.header)\n",
            "recommendations.csv": "recommendation_id,diagnosis_id,herb,created_at\n",
            "patients.csv": "patient_id,mizaj_type\n2,motadel\n",
        ])
        // The second feedback was withdrawn before, and is not missed; its recommendation stays with it.
        let run = try await avicenna("import in --mirror")
        #expect(run.errors.contains("kept 3 that other records refer to"), "\(run.errors)")
        let check = try await CommandRun.shell(
            "sqlite3 avicenna.db 'PRAGMA foreign_key_check; SELECT feedback_id FROM feedback'; avicenna doctor | head -3",
            in: folder)
        #expect(check.output.hasPrefix("2\n"), "\(check.output)")
    }

    @Test("a record may not change so that those which refer to it are older")
    func impossibleChanges() async throws {
        let diagnoses = "diagnosis_id,patient_id,condition,created_at\n"
        let recommendations = "recommendation_id,diagnosis_id,herb,created_at\n"
        let old = [
            "diagnoses.csv": diagnoses + "1,1,x,2024-06-01T00:00:00Z\n",
            "recommendations.csv": recommendations + "1,1,h,2024-06-01T00:00:00Z\n",
            "feedback.csv": "\(Self.header)\n1,1,5,,,,2024-07-01T00:00:00Z,\n",
        ]
        try write(old)
        #expect(try await avicenna("import in").status == 0)
        let before = try await records()
        let born = Self.files["patients.csv", default: ""].replacing("1990", with: "2025")
        let moved = recommendations + "1,1,h,2026-01-01T00:00:00Z\n"
        for (changes, expected) in [
            (["patients.csv": born, "diagnoses.csv": diagnoses], "patient 1 would be born after diagnosis 1 was made"),
            (
                ["recommendations.csv": moved, "feedback.csv": "\(Self.header)\n"],
                "recommendation 1 would be made more than a year after its feedback 1"
            ),
        ] {
            try write(old.merging(changes) { $1 })
            let run = try await avicenna("import in")
            #expect(run.status == 65)
            #expect(run.errors.contains(expected), "\(run.errors)")
            #expect(try await records() == before)
        }
        try write([
            "patients.csv": born, "diagnoses.csv": diagnoses + "1,1,x,2025-06-01T00:00:00Z\n",
            "recommendations.csv": moved,
            "feedback.csv": "\(Self.header)\n1,1,5,,,,2026-01-02T00:00:00Z,\n",
        ])
        #expect(try await avicenna("import in").status == 0)
    }

    @Test("reports show how many patients the cases are from")
    func patientsBesideSamples() async throws {
        try writeFeedback(60, changed: 0)
        let run = try await CommandRun.shell(
            """
            avicenna import in --quiet && avicenna run nightly --only effectiveness,trends --as-of 2026-02-28 --quiet &&
                avicenna report effectiveness --formats csv > report && cat output/effectiveness-2026-02-28.csv
            """, in: folder)
        #expect(run.output.hasPrefix("subject,samples,patients,"), "\(run.output)\(run.errors)")
        #expect(run.output.contains("زعفران,60,1,"), "\(run.output)")
    }
}
