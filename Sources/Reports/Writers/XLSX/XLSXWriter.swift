import CXLSXWriter
import Configuration
import Foundation

/// Writes a report as an Excel workbook: a summary, the charts with their numbers, and a sheet for each section.
struct XLSXWriter {
    let report: Report

    init(_ report: Report) {
        self.report = report
    }

    func write(to file: OutputFile) throws {
        let workbook = try Workbook(path: file.temporaryPath, name: file.url.relativePath)
        let context = SheetContext(
            report: report, workbook: workbook, styles: SheetStyles(workbook, report.language))
        try workbook.setProperties(
            title: report.title, subject: report.origin,
            keywords: report.definition.sections.map { report.formatter.catalogue.source($0.source) }
                .joined(separator: ", "), day: report.asOf)
        let catalogue = report.formatter.catalogue
        // The sheets stand in this order; the summary is written last, when it is known where each section went.
        let summary = try context.addSheet(catalogue.text(.cover))
        let charts = report.sections.flatMap { section in
            section.charts.map { (title: section.title(in: report), chart: $0) }
        }
        if !charts.isEmpty {
            try ChartSheet(context: context, sheet: context.addSheet(catalogue.text(.charts))).write(charts)
        }
        var places: [SummarySheet.Place] = []
        for (number, section) in report.sections.enumerated() {
            let sheets = try SectionSheets(context: context, section: section, number: number + 1).write()
            places.append(SummarySheet.Place(section: section, sheets: sheets))
        }
        try SummarySheet(context: context, sheet: summary).write(places)
        worksheet_activate(summary)
        try workbook.close()
    }
}

/// What all sheets of a workbook share.
struct SheetContext {
    let report: Report
    let workbook: Workbook
    let styles: SheetStyles

    var formatter: CellFormatter { report.formatter }
    var catalogue: Catalogue { report.formatter.catalogue }

    func addSheet(_ title: String) throws -> Workbook.Sheet {
        try workbook.addSheet(title, fallback: catalogue.text(.section))
    }

    /// Direction, paper and foot of a sheet.
    func setUp(_ sheet: Workbook.Sheet, isLandscape: Bool) {
        if report.language.isRightToLeft { worksheet_right_to_left(sheet) }
        worksheet_set_paper(sheet, 9)  // A4
        if isLandscape { worksheet_set_landscape(sheet) }
        worksheet_fit_to_pages(sheet, 1, 0)
        worksheet_gridlines(sheet, UInt8(LXW_HIDE_ALL_GRIDLINES.rawValue))
        let origin = report.origin.replacing("&", with: "&&")
        let sides = report.language.isRightToLeft ? ("&R", "&L") : ("&L", "&R")
        worksheet_set_footer(sheet, "\(sides.0)&8\(origin)\(sides.1)&8&P / &N")
    }

    /// Writes a phrase.
    func write(
        _ phrase: String, to sheet: Workbook.Sheet, row: Int, column: Int, _ look: SheetStyles.Look
    ) throws {
        guard !phrase.isEmpty else { return }
        // Some spreadsheets let the first letter decide the direction whatever the cell says; digits would turn it.
        let mark = report.language.isRightToLeft && phrase.first?.isNumber == true ? "\u{200F}" : ""
        try workbook.write(mark + phrase, to: sheet, row: row, column: column, try styles.text(look))
    }

    /// Writes a cell of a kind; nothing for what is not known.
    func write(
        _ cell: Cell, _ kind: ColumnKind, to sheet: Workbook.Sheet, row: Int, column: Int, _ look: SheetStyles.Look
    ) throws {
        try write(cell, kind, to: sheet, row: row, column: column, try styles.value(kind, look))
    }

    /// Writes a cell of a kind in its format; nothing for what is not known.
    func write(
        _ cell: Cell, _ kind: ColumnKind, to sheet: Workbook.Sheet, row: Int, column: Int,
        _ format: SheetStyles.ValueFormat
    ) throws {
        switch cell {
        case .empty: break
        case .integer(let number):
            try workbook.write(Double(number), to: sheet, row: row, column: column, format.leftToRight)
        case .decimal(let number): try workbook.write(number, to: sheet, row: row, column: column, format.leftToRight)
        case .day(let day) where report.language.calendar == .gregorian:
            // Excel counts days from 1899-12-30.
            try workbook.write(
                Double(day.daysSinceEpoch + 25_569), to: sheet, row: row, column: column, format.leftToRight)
        case .text, .joined, .boolean, .interval, .trend, .day, .month:
            let text = formatter.text(cell, kind)
            try workbook.write(text, to: sheet, row: row, column: column, format.of(text))
        }
    }
}
