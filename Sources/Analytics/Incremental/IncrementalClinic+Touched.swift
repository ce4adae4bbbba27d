public import Domain
import Statistics

extension IncrementalClinic {
    /// The results that changes touch, with the values that they have now.
    ///
    /// Predictions are compared with the published ones of `follow(_:on:)`.
    ///
    /// - Parameters:
    ///   - changes: all changes since those were published, which must have been applied.
    ///   - version: the version that the applied changes lead to.
    public mutating func touched(by changes: [ClinicChange], upTo version: ClinicVersion) -> TouchedResults {
        var results = TouchedResults(asOf: asOf, version: version)
        var rated: Set<Int32> = []
        var diagnoses: Set<Int32> = []
        for change in changes {
            switch change {
            case .feedback(let feedback):
                guard let recommendation = position(of: feedback.recommendation, in: clinic.recommendations.ids) else {
                    continue
                }
                rated.insert(recommendation)
                diagnoses.insert(clinic.recommendations.diagnosis[Int(recommendation)])
            case .recommendation(let recommendation, _):
                if let diagnosis = position(of: recommendation.diagnosis, in: clinic.diagnoses.ids) {
                    diagnoses.insert(diagnosis)
                }
            case .patient, .diagnosis: continue
            }
        }
        addTallies(of: rated, to: &results)
        addNames(rated, diagnoses, to: &results)
        addEvidence(of: treatments(rated, diagnoses), to: &results)
        for recommendation in similar.changed where isScored(recommendation) {
            diagnoses.insert(clinic.recommendations.diagnosis[Int(recommendation)])
        }
        diagnoses.formUnion(diagnosesToUpdate(after: results.evidence))
        searchAgain(in: diagnoses)
        for diagnosis in diagnoses { addPredictions(of: diagnosis, to: &results) }
        results.predictions.sort { $0.key < $1.key }
        return results
    }

    // MARK: Tallies

    private func addTallies(of rated: Set<Int32>, to results: inout TouchedResults) {
        let recommendations = rated.sorted()
        let diagnoses = Set(rated.map { clinic.recommendations.diagnosis[Int($0)] }).sorted()
        let cohorts = Set(rated.map { cohort(of: $0) }).sorted()
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
        for level in TallyCube.levels {
            let known = tallies[level].values
            results.priors[level] = Dictionary(
                uniqueKeysWithValues: Window.allCases.map { ($0, prior(of: known, in: $0)) })
        }
    }

    // MARK: Predictions

    /// The treatments whose historical evidence may have changed.
    private func treatments(_ rated: Set<Int32>, _ diagnoses: Set<Int32>) -> [Subject] {
        var touched = Set(
            diagnoses.flatMap { diagnosis in recommendationsOfDiagnosis[diagnosis].map { treatment(of: $0) } })
        let herbs = Set(rated.map { treatment(of: $0).herb })
        for treatment in scoredOfTreatment.keys {
            let restsOnHerb = herbs.contains(treatment.herb) && !hasCase(.treatment, treatment)
            let restsOnAll = !rated.isEmpty && !hasCase(.herb, .herb(treatment.herb))
            if restsOnHerb || restsOnAll { touched.insert(treatment) }
        }
        return touched.sorted()
    }

    private func hasCase(_ level: Level, _ subject: Subject) -> Bool {
        tallies[level][subject] != nil
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
    private func diagnosesToUpdate(
        after evidence: [TouchedResults.Row<Subject, HistoricalEvidence>]
    ) -> [Int32] {
        let changed = Dictionary(uniqueKeysWithValues: evidence)
        return changed.keys.flatMap { treatment in
            let scored = scoredOfTreatment[treatment] ?? []
            return concurrentChunks(scored.count) { chunk in
                var found: [Int32] = []
                var scratch: [RankedKey] = []
                var last: Int32 = -1
                for recommendation in scored[chunk] where isScored(recommendation) {
                    let diagnosis = clinic.recommendations.diagnosis[Int(recommendation)]
                    if diagnosis != last, callsForUpdate(diagnosis, after: changed, &scratch) {
                        found.append(diagnosis)
                    }
                    last = diagnosis
                }
                return found
            }.joined()
        }
    }

    /// Searches for the similar patients that are not in the cache.
    private mutating func searchAgain(in diagnoses: Set<Int32>) {
        let searches = diagnoses.filter(isActive).flatMap { recommendations(of: $0) }.map { recommendation in
            (group: group(of: recommendation), search: search(for: recommendation))
        }.filter { similar.finding(of: $0.search, in: $0.group) == nil }
        for ((group, search), finding) in zip(searches, findings(of: searches)) {
            similar.store(finding, of: search, in: group)
        }
    }

    /// The findings of searches, computed on all cores.
    private func findings(
        of searches: [(group: Subject, search: SimilarityCache.Search)]
    ) -> [SimilarPatients.Finding] {
        concurrentChunks(searches.count, minimumSize: 4) { chunk in
            searches[chunk].map { similar.nearest(of: $0.search, in: $0.group, clinic.symptomSets).finding }
        }.flatMap { $0 }
    }

    /// The published rank of a recommendation, and the key by which it ranks now.
    private struct RankedKey {
        let rank: Int32
        let key: RankKey
    }

    /// Whether the ranking of a diagnosis calls for an update, with the published outcomes of its similar patients.
    ///
    /// - Parameter scratch: a buffer that is overwritten.
    private func callsForUpdate(
        _ diagnosis: Int32, after evidence: [Subject: HistoricalEvidence?], _ scratch: inout [RankedKey]
    ) -> Bool {
        scratch.removeAll(keepingCapacity: true)
        for recommendation in recommendationsOfDiagnosis[diagnosis]
        where clinic.recommendations.createdOn[Int(recommendation)] <= asOf {
            guard let known = published.row(of: recommendation, in: clinic),
                let evidence = evidence[known.treatment] ?? published[known.treatment]
            else { return true }
            let prediction = known.prediction(on: evidence)
            if known.callsForUpdate(to: prediction) { return true }
            let key = RankedKey(
                rank: known.rank, key: RankKey(prediction, at: .balanced, recommendation: Int(recommendation)))
            scratch.insert(key, at: scratch.firstIndex { known.rank < $0.rank } ?? scratch.count)
        }
        return zip(scratch, scratch.dropFirst()).contains { $1.key < $0.key }
    }

    /// Adds the predictions of a diagnosis that differ from what is published.
    private func addPredictions(of diagnosis: Int32, to results: inout TouchedResults) {
        let id = clinic.diagnoses.ids[Int(diagnosis)]
        let scored = isActive(diagnosis) ? recommendations(of: diagnosis) : []
        var predictions = scored.map { prediction(of: $0, similar: similarPatients(for: $0)) }
        rank(&predictions)
        let known = scored.map { published.row(of: $0, in: clinic) }
        let gone = recommendationsOfDiagnosis[diagnosis].filter {
            !scored.contains($0) && published.row(of: $0, in: clinic) != nil
        }
        let callsForUpdate = !gone.isEmpty || zip(known, predictions).contains { $0?.callsForUpdate(to: $1) ?? true }
        for (position, recommendation) in scored.enumerated() {
            let prediction = predictions[position]
            let lastPublished =
                callsForUpdate ? prediction.score : known[position]?.lastPublishedScore ?? prediction.score
            let row = PublishedPrediction(
                prediction, of: treatment(of: recommendation), lastPublishedScore: lastPublished)
            if row != known[position] {
                results.predictions.append((clinic.recommendations.ids[Int(recommendation)], row))
            }
        }
        for recommendation in gone {
            results.predictions.append((clinic.recommendations.ids[Int(recommendation)], nil))
        }
        guard callsForUpdate else { return }
        results.ranked.insert(id)
        for (recommendation, prediction) in zip(scored, predictions) {
            results.places.append(
                RankedRecommendation(
                    recommendation: clinic.recommendations.ids[Int(recommendation)], herb: herb(of: recommendation),
                    prediction: prediction))
        }
    }

    // MARK: Names

    /// Adds the names of new herbs and conditions; a name that is published stays, since it is of an older record.
    private func addNames(_ rated: Set<Int32>, _ diagnoses: Set<Int32>, to results: inout TouchedResults) {
        var herbs: Set<Int32> = Set(rated.map { clinic.recommendations.herb[Int($0)] })
        for diagnosis in diagnoses {
            herbs.formUnion(recommendations(of: diagnosis).map { clinic.recommendations.herb[Int($0)] })
        }
        let conditions = Set(diagnoses.map { clinic.diagnoses.condition[Int($0)] })
        func names(_ positions: Set<Int32>, _ vocabulary: Vocabulary) -> [(term: TermID, name: String)] {
            positions.sorted().map { (vocabulary.terms[Int($0)], vocabulary.names[Int($0)]) }.filter { !$0.1.isEmpty }
        }
        results.names = names(herbs, clinic.herbs) + names(conditions, clinic.conditions)
    }
}
