import CXLSXWriter
import Domain

/// Writes the first sheet: what the report is, where its numbers come from, the headline figures, and where all stands.
struct SummarySheet {
    let context: SheetContext
    let sheet: Workbook.Sheet

    /// Where a section went.
    struct Place {
        let section: ReportSection
        let sheets: [String]
    }

    func write(_ places: [Place]) throws {
        context.setUp(sheet, isLandscape: false)
        for (column, width) in [42.0, 22, 22, 40].enumerated() {
            worksheet_set_column(sheet, UInt16(column), UInt16(column), width, nil)
        }
        var row = 0
        try text(context.report.title, row, 0, .title)
        worksheet_set_row(sheet, 0, 30, nil)
        row += 2
        try writeOrigin(&row)
        try writeFigures(&row)
        try writeContents(places, &row)
        if context.report.sections.allSatisfy({ $0.matching.rows == 0 }) {
            row += 1
            try text(context.catalogue.text(.nothing), row, 0, .label)
        }
        if let note = try context.report.recordsNote() {
            try text(note, row + 1, 0, .note)
        }
    }

    private func text(_ text: String, _ row: Int, _ column: Int, _ look: SheetStyles.Look) throws {
        try context.write(text, to: sheet, row: row, column: column, look)
    }

    private func writeOrigin(_ row: inout Int) throws {
        let (report, catalogue, formatter) = (context.report, context.catalogue, context.formatter)
        var lines = [
            (catalogue.text(.asOf), formatter.longDay(report.asOf)),
            (catalogue.text(.run), formatter.record(report.input.run.rawValue)),
            (catalogue.text(.digest), report.input.digest ?? "–"),
            (catalogue.text(.language), catalogue.text(.languageName)),
        ]
        for section in report.sections {
            let conditions = section.conditions(formatter)
            guard !conditions.isEmpty else { continue }
            let name = report.sections.count == 1 ? catalogue.text(.parameters) : section.title(in: report)
            lines.append((name, conditions))
        }
        for (name, value) in lines {
            try text(name, row, 0, .label)
            try text(value, row, 1, .plain)
            row += 1
        }
        row += 1
    }

    private func writeFigures(_ row: inout Int) throws {
        for figure in context.report.figures {
            try text(figure.label, row, 0, .label)
            if figure.cell == .empty {
                try text(figure.value, row, 1, .faint)
            } else {
                try context.write(
                    figure.cell, figure.kind, to: sheet, row: row, column: 1, figure.isUncertain ? .faint : .plain)
            }
            try text(figure.detail, row, 2, .note)
            row += 1
        }
        if !context.report.figures.isEmpty { row += 1 }
    }

    private func writeContents(_ places: [Place], _ row: inout Int) throws {
        let (catalogue, formatter) = (context.catalogue, context.formatter)
        for (column, title) in [Phrase.section, .rows, .samples].enumerated() {
            try text(catalogue.text(title), row, column, .header)
        }
        row += 1
        for place in places {
            for (number, name) in place.sheets.enumerated() {
                worksheet_write_url(
                    sheet, UInt32(row), 0, "internal:'\(name)'!A1", try context.styles.text(.link))
                try text(name, row, 0, .link)
                if number == 0 {
                    let section = place.section
                    func of(_ shown: String, _ all: String) -> String {
                        shown == all ? all : catalogue.text(.of, ["shown": shown, "all": all])
                    }
                    try text(
                        of(formatter.count(section.shown.rows), formatter.count(section.matching.rows)), row, 1, .plain)
                    if let shown = section.shown.control, let all = section.matching.control {
                        try text(of(formatter.count(shown), formatter.count(all)), row, 2, .plain)
                    }
                }
                row += 1
            }
        }
    }
}
