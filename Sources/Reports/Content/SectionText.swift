import Domain

/// What a section says of itself, in the report's language.
extension ReportSection {
    /// The title: its own, else the report's where it is the only one, else what its source is called.
    func title(in report: Report) -> String {
        definition.titles.text(in: report.language)
            ?? (report.sections.count == 1 ? report.title : report.formatter.catalogue.source(definition.source))
    }

    /// The conditions that its rows passed, and the limit, each with its name.
    func parameters(_ formatter: CellFormatter) -> [(name: String, value: String)] {
        let catalogue = formatter.catalogue
        var parameters: [(name: String, value: String)] = definition.source.columns.compactMap { column in
            guard let values = definition.accepted[column.name] else { return nil }
            guard case .word(let words) = column.kind else {
                let texts = values.map(\.withoutNoncharacters.withoutControls)
                let surroundings: TextDirection = catalogue.language.isRightToLeft ? .rightToLeft : .leftToRight
                return (
                    catalogue.column(column.name),
                    texts.joinedInOrder(by: catalogue.text(.listSeparator), in: surroundings)
                )
            }
            let texts = values.map { catalogue.word($0, of: words) }
            return (catalogue.column(column.name), texts.joined(separator: catalogue.text(.listSeparator)))
        }
        if let minimumSamples, minimumSamples > 1 {
            let text = catalogue.text(.atLeast, ["n": formatter.count(minimumSamples)])
            parameters.append((catalogue.column(Conditions.minimumSamplesKey), text))
        }
        if let limit = definition.limit {
            parameters.append((catalogue.column("limit"), formatter.count(limit)))
        }
        return parameters
    }

    /// The conditions on one line.
    func conditions(_ formatter: CellFormatter) -> String {
        parameters(formatter).map { "\($0.name): \($0.value)" }.joined(separator: " · ")
    }

    /// How many rows pages show of how many, with the samples in them as a control total.
    func totals(_ formatter: CellFormatter) -> String {
        func of(_ phrase: Phrase, _ shown: String, _ all: String) -> String {
            formatter.catalogue.text(phrase, ["shown": shown, "all": all])
        }
        var parts = [of(.rowsShown, formatter.count(shown.rows), formatter.count(matching.rows))]
        if let control = shown.control, let all = matching.control {
            let phrase: Phrase = definition.source.controlColumn == "cases" ? .casesShown : .samplesShown
            parts.append(of(phrase, formatter.count(control), formatter.count(all)))
        }
        return parts.joined(separator: " · ")
    }

    /// Whether it has a column that tells directions.
    var hasTrends: Bool {
        columns.contains { $0.kind == .word(.direction) }
    }

    /// What the looks of its table mean.
    func tableLegends(_ formatter: CellFormatter) -> [String] {
        var legends: [String] = []
        if samplesPosition != nil { legends.append(fewSamples(formatter)) }
        if hasTrends { legends.append(formatter.catalogue.text(.trendLegend)) }
        return legends
    }

    private func fewSamples(_ formatter: CellFormatter) -> String {
        formatter.catalogue.text(.fewSamplesLegend, ["n": formatter.count(Chart.Mark.fewestCertain)])
    }
}

extension Report {
    /// The run, as-of day and digest on one line, as the foot of pages has it.
    var origin: String {
        formatter.catalogue.text(
            .footer,
            ["run": formatter.record(input.run.rawValue), "day": formatter.day(asOf), "digest": input.digest ?? "–"])
    }

    /// Says that the records changed since the run counted them, where a section looked at the records.
    func recordsNote() throws -> String? {
        guard input.readsRecords else { return nil }
        let counted = Int(try input.results.tallies(at: .overall)[.all]?.all.samples ?? 0)
        let now = try input.caseCount()
        guard now != counted else { return nil }
        return formatter.catalogue.text(
            .recordsChanged, ["now": formatter.count(now), "then": formatter.count(counted)], counts: ["now": now])
    }
}

extension Chart {
    /// What a chart says beside its title: what it leaves out, and what its looks mean.
    func captions(_ formatter: CellFormatter) -> [String] {
        let catalogue = formatter.catalogue
        var captions: [String] = []
        if shown < available {
            captions.append(
                catalogue.text(.firstOf, ["shown": formatter.count(shown), "all": formatter.count(available)]))
        }
        switch content {
        case .changes: captions += [catalogue.text(.changeLegend), catalogue.text(.trendLegend)]
        default: break
        }
        if marks.contains(where: { $0.interval != nil }), !isHeat { captions.append(catalogue.text(.intervalLegend)) }
        if marks.contains(where: \.isUncertain) {
            captions.append(catalogue.text(.fewSamplesLegend, ["n": formatter.count(Mark.fewestCertain)]))
        }
        return captions
    }

    private var isHeat: Bool {
        if case .heat = content { true } else { false }
    }
}
