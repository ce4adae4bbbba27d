import Domain
import Testing

@Suite(.timeLimit(.minutes(30))) struct ReleasedSubjectTests {
    private let mint = TextKey("mint")
    private let pain = TextKey("pain")

    @Test("a level with its keys names a subject, and nothing else does")
    func keys() {
        let subjects: [ReleasedSubject] = [
            .overall, .herb(mint), .condition(pain), .treatment(herb: mint, condition: pain),
        ]
        for subject in subjects { #expect(ReleasedSubject(subject.level, subject.keys) == subject) }
        #expect(ReleasedSubject(.herb, []) == nil && ReleasedSubject(.overall, [mint]) == nil)
        #expect(ReleasedSubject(.treatment, [mint]) == nil && ReleasedSubject(.cohort, [mint, pain]) == nil)
        #expect(subjects.reversed().sorted() == subjects)
        #expect(ReleasedSubject.herb(TextKey("a")) < .herb(mint))
        #expect(!(ReleasedSubject.treatment(herb: mint, condition: pain) < .treatment(herb: mint, condition: mint)))
    }
}
