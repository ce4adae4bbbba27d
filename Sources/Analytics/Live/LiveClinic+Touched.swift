public import Domain

extension LiveClinic {
    /// What changes make of the results that were published before them.
    ///
    /// - Parameters:
    ///   - changes: all that was written since then.
    ///   - before: up to where the published results rest on what was written.
    ///   - version: up to where this clinic has taken up what was written.
    public mutating func touched(
        by changes: [ClinicChange], since before: ClinicVersion, upTo version: ClinicVersion
    ) -> TouchedResults {
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
        for recommendation in recommendationsTouched(by: judged, since: before) {
            diagnoses.insert(clinic.recommendations.diagnosis[Int(recommendation)])
        }
        addPredictions(of: diagnoses.sorted(), to: &results)
        addNames(judged, diagnoses, to: &results)
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
        results.priors = [.recommendation: recommendationShares.priors, .diagnosis: diagnosisShares.priors]
        for level in [Level.cohort, .treatment, .herb, .condition, .overall] {
            let known = Array(tallies[level].values)
            results.priors[level] = Dictionary(
                uniqueKeysWithValues: Window.allCases.map { ($0, prior(of: known, in: $0)) })
        }
    }

    // MARK: Predictions

    /// The recommendations whose predictions rest on cases of others that were judged.
    private func recommendationsTouched(by judged: Set<Int32>, since before: ClinicVersion) -> Set<Int32> {
        var touched: Set<Int32> = []
        let treatments = Set(judged.map { treatment(of: $0) })
        let herbs = Set(treatments.map(\.herb))
        for (treatment, members) in recommendationsOfTreatment {
            let isTouched = treatments.contains(treatment)
            let restsOnHerb = herbs.contains(treatment.herb) && !hasCase(.treatment, treatment)
            let restsOnAll = !judged.isEmpty && !hasCase(.herb, .herb(treatment.herb))
            if isTouched || restsOnHerb || restsOnAll { touched.formUnion(members.filter(isScored)) }
        }
        for group in Set(judged.map { group(of: $0) }) {
            touched.formUnion(
                activeRecommendations(in: group).filter { similar.mayHaveChanged($0, in: group, since: before) })
        }
        return touched
    }

    private func hasCase(_ level: Level, _ subject: Subject) -> Bool {
        (tallies[level][subject]?.all.samples ?? 0) > 0
    }

    private mutating func addPredictions(of diagnoses: [Int32], to results: inout TouchedResults) {
        var predictions: [(RecommendationID, Prediction)] = []
        for diagnosis in diagnoses {
            let scored = isActive(diagnosis) ? made(in: diagnosis) : []
            var own = scored.map { prediction(of: $0, similar: similarPatients(for: $0)) }
            rank(&own)
            predictions += zip(scored.map { clinic.recommendations.ids[Int($0)] }, own)
            for recommendation in recommendationsOfDiagnosis[diagnosis] {
                let id = clinic.recommendations.ids[Int(recommendation)]
                results.places[id] = (clinic.diagnoses.ids[Int(diagnosis)], herb(of: recommendation))
                if !scored.contains(recommendation) { results.unscored.append(id) }
            }
        }
        predictions.sort { $0.0 < $1.0 }
        results.predictions = Keyed(keys: predictions.map(\.0), values: predictions.map(\.1))
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
