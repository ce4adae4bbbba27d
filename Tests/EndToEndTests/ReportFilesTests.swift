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

    /// Writes every report in every language and format.
    private static let renderAll = """
        for language in en fa ar; do
            for report in $(avicenna report --list --format csv | tail -n +2 | cut -d, -f1); do
                avicenna report $report --language $language --formats csv,xlsx,pdf --output $OUT/$language >/dev/null
            done
        done
        """

    @Test func everyReportInEveryLanguageHoldsUpInOtherPrograms() async throws {
        let rendered = try await shell(
            """
            OUT=out; \(Self.renderAll)
            mkdir results
            for table in effectiveness trends cohorts predictions; do
                avicenna results $table --format json > results/$table.json
            done
            avicenna runs --format json > results/runs.json
            for language in en fa ar; do avicenna report --list --language $language --format json > $language.json; done
            /usr/bin/python3 - > results/titles.json <<'END'
            import json
            print(json.dumps({l: {r["report"]: r["title"] for r in json.load(open(l + ".json"))} for l in ("en", "fa", "ar")}))
            END
            """)
        try #require(rendered.status == 0, "\(rendered.errors)")
        let checked = try await shell("/usr/bin/python3 $SCRIPTS/report_files.py out results")
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(checked.output.hasSuffix(" checks\n"))

        // The same run, in another place, zone, language and process: the same bytes.
        let again = try await shell(
            "cd /; OUT=\"$ELSEWHERE\"; \(Self.renderAll); diff -r \"$ELSEWHERE\" \"$OLDPWD/out\"",
            environment: [
                "ELSEWHERE": folder.path("again"), "AVICENNA_DATABASE": folder.path("avicenna.db"), "TZ": "Asia/Tokyo",
                "LANG": "fa_IR.UTF-8", "LC_ALL": "C.UTF-8",
            ])
        #expect(again.status == 0, "\(again.output)\(again.errors)")
    }

    @Test func aSpreadsheetProgramReadsTheSameNumbers() async throws {
        let run = try await shell(
            """
            for language in en fa; do
                avicenna report effectiveness --language $language --formats xlsx,csv --output $language >/dev/null
                # Every sheet as a CSV file, with numbers as they are and not as they look.
                soffice -env:UserInstallation=file://$PWD/profile --headless --convert-to \
                    'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1' \
                    --outdir $language $language/effectiveness-2026-10-20.xlsx >/dev/null 2>&1
                /usr/bin/python3 - $language <<'END'
            import csv, glob, sys
            folder = sys.argv[1]
            own = list(csv.reader(open(folder + "/effectiveness-2026-10-20.csv", newline="")))
            sheets = {name: list(csv.reader(open(name, newline=""))) for name in glob.glob(folder + "/*-2026-10-20-*.csv")}
            assert len(sheets) == 3, sheets.keys()
            table = max(sheets.values(), key=len)[4:]
            assert len(table) == len(own) > 10, (len(table), len(own))
            def value(text):
                text = text.replace("٫", ".")
                return float(text[:-1]) / 100 if text.endswith("%") else float(text)
            for row, expected in zip(table[1:], own[1:]):
                for cell, number in zip(row[1:-1], expected[1:-1]):
                    assert abs(value(cell) - float(number)) < 5.1e-7 if number else cell == "", (row, expected)
            print(folder, len(table))
            END
            done
            """)
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
        let run = try await shell(
            """
            mkdir small; mount -t tmpfs -o size=24k tmpfs small
            trap 'umount small' EXIT
            echo older > small/predictions-2026-10-20.\(format)
            avicenna report predictions --formats \(format) --output small || status=$?
            ls -A small; cat small/*
            exit $status
            """)
        #expect(run.status == 73, "\(run.output)\(run.errors)")
        #expect(run.output == "predictions-2026-10-20.\(format)\nolder\n")
        #expect(run.errors.hasPrefix("avicenna: small/predictions-2026-10-20.\(format): cannot be written: "))
        #expect(run.errors.split(separator: "\n").count == 1)
    }

    @Test(.enabled("\(Privilege.reason)") { await Privilege.canMount() })
    func aWorkbookIsWholeOrToldWhereverTheDiskIsFull() async throws {
        // From too small for the first rows to large enough for all: no size may leave a file that is not whole.
        let run = try await shell(
            """
            mkdir small
            for size in 20 40 60 80 100 120 140 160 180 200 220 240 260 280 300 340 380 420 500 600 800 1200; do
                mount -t tmpfs -o size=${size}k tmpfs small
                status=0
                avicenna report predictions --formats xlsx --output small 2> errors >/dev/null || status=$?
                if [ $status = 0 ]; then
                    /usr/bin/python3 -c "
            import openpyxl
            book = openpyxl.load_workbook('small/predictions-2026-10-20.xlsx')
            assert book.worksheets[-1].max_row > 100
            " || status=1
                else
                    [ -z "$(ls -A small)" ] && [ $(wc -l < errors) = 1 ] || status=2
                fi
                umount small
                echo $status
            done
            """)
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
