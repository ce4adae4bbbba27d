import Foundation
import Testing
import TestSupport

/// Report files as other programs see them: openpyxl, LibreOffice, poppler, a CSV reader.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct ReportFilesTests {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        let clinic = try await shell(
            """
            avicenna import "$GOLDEN/mixed-scripts/input" --timezone Asia/Tehran
            avicenna run nightly --as-of 2026-10-20 --timezone Asia/Tehran --only effectiveness,trends,cohorts,scores
            """)
        try #require(clinic.status == 0, "\(clinic.errors)")
    }

    private func shell(_ script: String, environment: [String: String] = [:]) async throws -> CommandRun {
        var variables = environment
        variables["GOLDEN"] = Repository.golden.path
        return try await CommandRun.shell("set -e; \(script)", in: folder, environment: variables)
    }

    private func script(_ name: String, _ arguments: String...) async throws -> CommandRun {
        try await CommandRun.script(name, arguments: arguments, in: folder)
    }

    @Test func everyReportInEveryLanguageHoldsUpInOtherPrograms() async throws {
        let rendered = try await script("render_reports.sh", "out")
        try #require(rendered.status == 0, "\(rendered.errors)")
        let exported = try await script("export_results.sh", "results")
        try #require(exported.status == 0, "\(exported.errors)")
        let checked = try await script("report_files.py", "out", "results")
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(checked.output.hasSuffix(" checks\n"))

        // The same run, in another place, zone, language and process: the same bytes.
        let again = try await CommandRun.script(
            "render_reports.sh", folder.path("again"), in: try TemporaryFolder(),
            environment: [
                "AVICENNA_DATABASE": folder.path("avicenna.db"), "TZ": "Asia/Tokyo", "LANG": "fa_IR.UTF-8",
                "LC_ALL": "C.UTF-8",
            ])
        #expect(again.status == 0, "\(again.output)\(again.errors)")
        let difference = try await shell("diff -r again out")
        #expect(difference.status == 0, "\(difference.output)\(difference.errors)")
    }

    @Test func aSpreadsheetProgramReadsTheSameNumbers() async throws {
        let run = try await script("saved_sheets.sh")
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.split(separator: "\n").count == 2)
    }

    @Test func whatThereIsCanBeListed() async throws {
        let list = try await shell("avicenna report --list --language fa")
        #expect(list.output.contains("clinic-monthly"))
        #expect(list.output.contains("گزارش ماهانۀ درمانگاه"))
        let columns = try await shell("avicenna report --columns side_effects --format csv")
        #expect(columns.output.hasPrefix("column,holds\nlevel,"))
        #expect(columns.output.contains("\neffect,name\ncases,count\n"))
    }

    @Test func theSettingOfTheByteOrderMarkIsKept() async throws {
        let run = try await shell(
            """
            avicenna report trending --formats csv --csv-bom true >/dev/null; head -c 3 output/trending-2026-10-20.csv | od -An -tx1
            AVICENNA_CSV_BOM=false avicenna report trending --formats csv >/dev/null; head -c 3 output/trending-2026-10-20.csv
            """)
        #expect(run.output == " ef bb bf\nher", "\(run.errors)")
    }

    @Test func aMissingFontIsOneLine() async throws {
        try folder.write(
            "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig><cachedir>cache</cachedir></fontconfig>",
            to: "fonts.conf")
        let run = try await shell(
            "avicenna report effectiveness --formats csv,pdf",
            environment: ["FONTCONFIG_FILE": folder.path("fonts.conf")])
        #expect(run.status == 69, "\(run.errors)")
        #expect(
            run.errors
                == "avicenna: the font Noto Sans is not installed, and a PDF needs it; install the package fonts-noto-core\n"
        )
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("output"))
        #expect(files == ["effectiveness-2026-10-20.csv"])
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canMount() }, arguments: ["csv", "xlsx", "pdf"])
    func aFullDiskLeavesTheOlderFile(format: String) async throws {
        let run = try await script("full_disk_report.sh", format)
        #expect(run.status == 73, "\(run.output)\(run.errors)")
        #expect(run.output == "predictions-2026-10-20.\(format)\nolder\n")
        #expect(run.errors.hasPrefix("avicenna: small/predictions-2026-10-20.\(format): cannot be written: "))
        #expect(run.errors.split(separator: "\n").count == 1)
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canMount() })
    func aWorkbookIsWholeOrToldWhereverTheDiskIsFull() async throws {
        // From too small for the first rows to large enough for all: no size may leave a file that is not whole.
        let run = try await script("full_disk_workbooks.sh")
        let statuses = run.output.split(separator: "\n").map(String.init)
        #expect(statuses.count == 22, "\(run.errors)")
        #expect(Set(statuses) == ["73", "0"], "\(statuses) \(run.errors)")
        #expect(statuses == statuses.sorted().reversed(), "\(statuses)")
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canBecomeNobody() })
    func aFolderWithoutRightsIsOneLine() async throws {
        let run = try await shell(
            """
            chmod 755 .; chmod 644 avicenna.db*; mkdir out; chmod 555 out; mkdir home; chmod 777 home
            cp avicenna.db home/; chown -R 65534 home
            setpriv --reuid=65534 --regid=65534 --clear-groups --reset-env \
                "$BINARY" report effectiveness --database home/avicenna.db --reports "$AVICENNA_REPORTS" --output out
            """)
        #expect(run.status == 73, "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1)
        #expect(run.errors.contains("out/effectiveness-2026-10-20.csv: cannot be written: Permission denied"))
    }
}
