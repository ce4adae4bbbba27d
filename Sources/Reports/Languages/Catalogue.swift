import Configuration
import Domain

/// The words of reports in one language.
///
/// Each catalogue is a file in `Resources` with a key per text, in groups: `text` for phrases, `column` for the titles of
/// columns, `source`, `figure`, and a group for each of the vocabularies in `Words`.
struct Catalogue: Sendable {
    let language: Language
    /// Texts by group and key, joined by a dot.
    let texts: [String: String]

    private static let all = Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, Catalogue($0)) })

    /// The catalogue of a language.
    static func of(_ language: Language) -> Catalogue {
        guard let catalogue = all[language] else { preconditionFailure("\(language) has no catalogue") }
        return catalogue
    }

    private init(_ language: Language) {
        self.language = language
        let bytes =
            switch language {
            case .english: PackageResources.en_yaml
            case .persian: PackageResources.fa_yaml
            case .arabic: PackageResources.ar_yaml
            }
        do {
            let groups = try Definition(text: String(decoding: bytes, as: UTF8.self), file: "\(language.rawValue).yaml")
            var texts: [String: String] = [:]
            for group in groups.keys {
                for (key, text) in try groups.translations(group) ?? [:] { texts["\(group).\(key)"] = text }
            }
            self.texts = texts
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// A phrase, with its `{name}`s replaced.
    ///
    /// `{name:one|other}` has the plural forms of the language, each with `#` for the value; which of them is taken follows
    /// from the number of that name.
    ///
    /// - Parameter counts: the numbers of the values that phrases may inflect.
    func text(
        _ phrase: Phrase, _ values: KeyValuePairs<String, String> = [:], counts: KeyValuePairs<String, Int> = [:]
    ) -> String {
        var text = ""
        var rest = self["text.\(phrase.rawValue)"].utf8[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "{")),
            let close = rest[open...].firstIndex(of: UInt8(ascii: "}"))
        {
            let parts = Substring(rest[rest.index(after: open)..<close]).split(separator: ":", maxSplits: 1)
            let name = parts.first ?? ""
            let value = values.first { $0.key == name }?.value ?? "{\(name)}"
            text += Substring(rest[..<open])
            if parts.count == 2 {
                let forms = parts[1].split(separator: "|")
                let form = language.pluralForm(of: counts.first { $0.key == name }?.value ?? 0)
                text += forms[min(form, forms.count - 1)].replacing("#", with: value)
            } else {
                text += value
            }
            rest = rest[rest.index(after: close)...]
        }
        return text + Substring(rest)
    }

    /// The title of a column.
    func column(_ name: String) -> String { self["column.\(name)"] }

    /// What a source is called.
    func source(_ source: Source) -> String { self["source.\(source.rawValue)"] }

    /// A word of a vocabulary.
    func word(_ word: String, of words: Words) -> String { self["\(words.rawValue).\(word)"] }

    /// The label of a headline figure.
    func figure(_ figure: FigureKind) -> String { self["figure.\(figure.rawValue)"] }

    /// The text of a key; a key without one stands for itself.
    private subscript(key: String) -> String { texts[key] ?? key }
}

/// The phrases of reports; each has a text of its key in every catalogue.
enum Phrase: String, CaseIterable {
    case asOf = "as_of"
    case run
    case digest
    case language
    case languageName = "language_name"
    case parameters
    case contents
    case cover
    case charts
    case page
    case footer
    case rowsShown = "rows_shown"
    case samplesShown = "samples_shown"
    case casesShown = "cases_shown"
    case firstOf = "first_of"
    case of
    case noRows = "no_rows"
    case noData = "no_data"
    case nothing
    case recordsChanged = "records_changed"
    case interval
    case intervalLegend = "interval_legend"
    case fewSamplesLegend = "few_samples_legend"
    case trendLegend = "trend_legend"
    case changeLegend = "change_legend"
    case samplesShort = "samples_short"
    case samplesChange = "samples_change"
    case atLeast = "at_least"
    case points
    case low
    case high
    case rows
    case samples
    case section
    case recent
    case baseline
    case figureCases = "figure_cases"
    case figureChange = "figure_change"
    case figureInterval = "figure_interval"
    case figureTested = "figure_tested"
    case listSeparator = "list_separator"
    case mailSubject = "mail_subject"
    case mailHeading = "mail_heading"
    case mailAttached = "mail_attached"
    case mailElsewhere = "mail_elsewhere"
    case alertSubject = "alert_subject"
    case alertText = "alert_text"
    case alertPublished = "alert_published"
    case alertUnpublished = "alert_unpublished"
    case alertAdvice = "alert_advice"
    case reasonTreatment90 = "reason_treatment_90"
    case reasonTreatmentAll = "reason_treatment_all"
    case reasonHerb90 = "reason_herb_90"
    case reasonHerbAll = "reason_herb_all"
    case reasonOverall = "reason_overall"
    case reasonNone = "reason_none"
    case reasonSimilar = "reason_similar"
    case reasonNoSimilar = "reason_no_similar"
    case reasonSymptom = "reason_symptom"
    case reasonSure = "reason_sure"
    case reasonFairlySure = "reason_fairly_sure"
    case reasonUnsure = "reason_unsure"
    case patientScore = "patient_score"
    case patientNoScore = "patient_no_score"
    case patientTreatmentExperience = "patient_treatment_experience"
    case patientHerbExperience = "patient_herb_experience"
    case patientSimilarMost = "patient_similar_most"
    case patientSimilarHalf = "patient_similar_half"
    case patientSimilarFew = "patient_similar_few"
    case patientReleased = "patient_released"
}
