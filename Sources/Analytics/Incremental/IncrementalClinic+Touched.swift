public import Domain
import Statistics

extension IncrementalClinic {
    /// What changes make of the results that were published before them.
    ///
    /// It knows what was published, by `follow(_:on:)`.
    ///
    /// - Parameters:
    ///   - changes: all that was written since then.
    ///   - version: up to where this clinic has taken up what was written.
    public mutating func touched(by changes: [ClinicChange], upTo version: ClinicVersion) -> TouchedResults {
        var results = TouchedResults(asOf: asOf, version: version)
        var judged: Set<Int32> = []
        var diagnoses: Set<Int32> = []
        for change in changes {
            switch change {
            case .feedback(let feedback):
                guard let place = position(of: feedback.recommendation, in: clinic.recommendations.ids) else {
                    continue
                }
                judged.insert(place)
                diagnoses.insert(clinic.recommendations.diagnosis[Int(place)])
            case .recommendation(let recommendation, _):
                if let place = position(of: recommendation.diagnosis, in: clinic.diagnoses.ids) {
                    diagnoses.insert(place)
                }
            case .patient, .diagnosis: continue
            }
        }
        addTallies(of: judged, to: &results)
        addNames(judged, diagnoses, to: &results)
        addEvidence(of: treatments(judged, diagnoses), to: &results)
        for recommendation in similar.changed where isScored(recommendation) {
            diagnoses.insert(clinic.recommendations.diagnosis[Int(recommendation)])
        }
        diagnoses.formUnion(diagnosesMoved(by: results.evidence))
        searchAgain(in: diagnoses)
        for diagnosis in diagnoses { addPredictions(of: diagnosis, to: &results) }
        results.predictions.sort { $0.key < $1.key }
        return results
    }

    // MARK: Tallies

    private func addTallies(of judged: Set<Int32>, to results: inout TouchedResults) {
        let recommendations = judged.sorted()
        let diagnoses = Set(judged.map { clinic.recommendations.diagnosis[Int($0)] }).sorted()
        let cohorts = Set(judged.map { cohort(of: $0) }).sorted()
        func set(_ level: Level, _ rows: [(Subject, WindowTallies)]) {
            let rows = rows.map { (key: $0.0, value: $0.1.all.samples > 0 ? $0.1 : nil) }
            results.tallies[level] = rows
            results.trends[level] = rows.map { row in
                (row.key, row.value.flatMap { $0.days90.samples > 0 ? Trend($0) : nil })
            }
        }
        for recommendation in recommendations {
            let diagnosis = Int(clinic.recommendations.diagnosis[Int(recommendation)])
            results.diagnoses[clinic.recommendations.ids[Int(recommendation)]] = clinic.diagnoses.ids[diagnosis]
        }
        set(
            .recommendation,
            recommendations.map {
                (.recommendation(clinic.recommendations.ids[Int($0)]), tallies(of: $0))
            })
        set(.diagnosis, diagnoses.map { (.diagnosis(clinic.diagnoses.ids[Int($0)]), tallies(ofDiagnosis: $0)) })
        func named(_ level: Level, _ subject: (Subject) -> Subject) {
            let known = tallies[level]
            set(level, Set(cohorts.map(subject)).sorted().map { ($0, known[$0] ?? WindowTallies()) })
        }
        named(.cohort) { $0 }
        named(.treatment) { .treatment(herb: $0.herb, condition: $0.condition) }
        named(.herb) { .herb($0.herb) }
        named(.condition) { .condition($0.condition) }
        named(.overall) { _ in .all }
        results.cohorts = (results.tallies[.cohort] ?? []).map { row in
            let cohort = row.value.map {
                Cohort(
                    patients: cohortPatients[row.key, default: 0], samples: $0.all.samples,
                    successes: $0.all.successes)
            }
            return (row.key, cohort)
        }
        results.priors = [.recommendation: recommendationPriors.priors, .diagnosis: diagnosisPriors.priors]
        for level in [Level.cohort, .treatment, .herb, .condition, .overall] {
            let known = Array(tallies[level].values)
            results.priors[level] = Dictionary(
                uniqueKeysWithValues: Window.allCases.map { ($0, prior(of: known, in: $0)) })
        }
    }

    // MARK: Predictions

    /// The treatments whose historical evidence may have changed.
    private func treatments(_ judged: Set<Int32>, _ diagnoses: Set<Int32>) -> [Subject] {
        var touched = Set(
            diagnoses.flatMap { diagnosis in recommendationsOfDiagnosis[diagnosis].map { treatment(of: $0) } })
        let herbs = Set(judged.map { treatment(of: $0).herb })
        for treatment in scoredOfTreatment.keys {
            let restsOnHerb = herbs.contains(treatment.herb) && !hasCase(.treatment, treatment)
            let restsOnAll = !judged.isEmpty && !hasCase(.herb, .herb(treatment.herb))
            if restsOnHerb || restsOnAll { touched.insert(treatment) }
        }
        return touched.sorted()
    }

    private func hasCase(_ level: Level, _ subject: Subject) -> Bool {
        (tallies[level][subject]?.all.samples ?? 0) > 0
    }

    private func addEvidence(of treatments: [Subject], to results: inout TouchedResults) {
        for treatment in treatments {
            let isPredicted = scoredOfTreatment[treatment]?.contains(where: isScored) ?? false
            let evidence = isPredicted ? tallies.evidence(of: treatment) : nil
            if evidence != published[treatment] { results.evidence.append((treatment, evidence)) }
        }
    }

    /// The diagnoses of which live clients receive an update because the evidence of their treatments changed. They are few:
    /// thousands rest on the evidence of a treatment, and one more case moves it little.
    private func diagnosesMoved(by evidence: [TouchedResults.Row<Subject, HistoricalEvidence>]) -> [Int32] {
        let changed = Dictionary(uniqueKeysWithValues: evidence)
        return changed.keys.flatMap { treatment in
            let scored = scoredOfTreatment[treatment] ?? []
            return inParts(scored.count) { part in
                var moved: [Int32] = []
                var places: [Place] = []
                var last: Int32 = -1
                for recommendation in scored[part] where isScored(recommendation) {
                    let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
                    if diagnosis != last, isMoved(diagnosis, by: changed, &places) { moved.append(diagnosis) }
                    last = diagnosis
                }
                return moved
            }.joined()
        }
    }

    /// Finds what similar patients say where that is forgotten.
    private mutating func searchAgain(in diagnoses: Set<Int32>) {
        let searches = diagnoses.filter(isActive).flatMap { made(in: $0) }.map { recommendation in
            (group: group(of: recommendation), search: search(for: recommendation))
        }.filter { similar.finding(of: $0.search, in: $0.group) == nil }
        for ((group, search), finding) in zip(searches, findings(of: searches)) {
            similar.remember(finding, of: search, in: group)
        }
    }

    /// What searches find, on all cores.
    private func findings(
        of searches: [(group: Subject, search: SimilarityMemory.Search)]
    ) -> [SimilarPatients.Finding] {
        inParts(searches.count, ofAtLeast: 4) { part in
            searches[part].map { similar.nearest(of: $0.search, in: $0.group, clinic.symptomSets).finding }
        }.flatMap { $0 }
    }

    /// How a recommendation ranked, and what it ranks by now.
    private struct Place {
        let rank: Int32
        let key: RankKey
    }

    /// Whether anything of a diagnosis is news, by what is published of its similar patients.
    ///
    /// - Parameter places: room that is used.
    private func isMoved(_ diagnosis: Int32, by evidence: [Subject: HistoricalEvidence?], _ places: inout [Place])
        -> Bool
    {
        places.removeAll(keepingCapacity: true)
        for recommendation in recommendationsOfDiagnosis[diagnosis]
        where clinic.recommendations.createdOn[Int(recommendation)] <= asOf {
            guard let known = published.row(of: recommendation, in: clinic),
                let evidence = evidence[known.treatment] ?? published[known.treatment]
            else { return true }
            let prediction = known.prediction(on: evidence)
            if known.callsForUpdate(to: prediction) { return true }
            let place = Place(
                rank: known.rank, key: RankKey(prediction, at: .balanced, recommendation: Int(recommendation)))
            places.insert(place, at: places.firstIndex { known.rank < $0.rank } ?? places.count)
        }
        return zip(places, places.dropFirst()).contains { $1.key < $0.key }
    }

    /// Adds what is to be published of the recommendations of a diagnosis, where that is something else than what is.
    private func addPredictions(of diagnosis: Int32, to results: inout TouchedResults) {
        let id = clinic.diagnoses.ids[Int(diagnosis)]
        let scored = isActive(diagnosis) ? made(in: diagnosis) : []
        var predictions = scored.map { prediction(of: $0, similar: similarPatients(for: $0)) }
        rank(&predictions)
        let known = scored.map { published.row(of: $0, in: clinic) }
        let gone = recommendationsOfDiagnosis[diagnosis].filter {
            !scored.contains($0) && published.row(of: $0, in: clinic) != nil
        }
        let isNews = !gone.isEmpty || zip(known, predictions).contains { $0?.callsForUpdate(to: $1) ?? true }
        for (position, recommendation) in scored.enumerated() {
            let prediction = predictions[position]
            let lastPublished = isNews ? prediction.score : known[position]?.lastPublishedScore ?? prediction.score
            let row = PublishedPrediction(
                prediction, of: treatment(of: recommendation), lastPublishedScore: lastPublished)
            if row != known[position] {
                results.predictions.append((clinic.recommendations.ids[Int(recommendation)], row))
            }
        }
        for recommendation in gone {
            results.predictions.append((clinic.recommendations.ids[Int(recommendation)], nil))
        }
        guard isNews else { return }
        results.ranked.insert(id)
        for (recommendation, prediction) in zip(scored, predictions) {
            results.places.append(
                RankedRecommendation(
                    recommendation: clinic.recommendations.ids[Int(recommendation)], herb: herb(of: recommendation),
                    prediction: prediction))
        }
    }

    // MARK: Names

    /// Names of what is new; those that stand stay, since they are of older records.
    private func addNames(_ judged: Set<Int32>, _ diagnoses: Set<Int32>, to results: inout TouchedResults) {
        var herbs: Set<Int32> = Set(judged.map { clinic.recommendations.herb[Int($0)] })
        for diagnosis in diagnoses {
            herbs.formUnion(made(in: diagnosis).map { clinic.recommendations.herb[Int($0)] })
        }
        let conditions = Set(diagnoses.map { clinic.diagnoses.condition[Int($0)] })
        func names(_ places: Set<Int32>, _ vocabulary: Vocabulary) -> [(term: TermID, name: String)] {
            places.sorted().map { (vocabulary.terms[Int($0)], vocabulary.names[Int($0)]) }.filter { !$0.1.isEmpty }
        }
        results.names = names(herbs, clinic.herbs) + names(conditions, clinic.conditions)
    }
}
