import Domain
import Testing

@Suite(.timeLimit(.minutes(30))) struct SubjectTests {
    private let herbs = TermNames([TermID(rawValue: 1): "licorice | root", TermID(rawValue: 2): #"back\slash"#])
    private let conditions = TermNames([TermID(rawValue: Term.largestID): "anxiety|stress"])

    @Test func unpacksWhatItPacked() {
        let subject = Subject.cohort(.motadel, herb: TermID(rawValue: 2), condition: TermID(rawValue: Term.largestID))
        #expect(subject.mizaj == .motadel)
        #expect(subject.herb == TermID(rawValue: 2))
        #expect(subject.condition == TermID(rawValue: Term.largestID))
        #expect(subject.rawValue > 0)
    }

    @Test func escapesWhatWouldReadAsASeparator() {
        let (licorice, slash) = (TermID(rawValue: 1), TermID(rawValue: 2))
        let stress = TermID(rawValue: Term.largestID)
        func text(_ subject: Subject, _ level: Level) -> String {
            subject.text(at: level, herbs: herbs, conditions: conditions)
        }
        #expect(text(.treatment(herb: licorice, condition: stress), .treatment) == #"licorice \| root|anxiety\|stress"#)
        #expect(
            text(.cohort(.garmTar, herb: slash, condition: stress), .cohort) == #"garm_tar|back\\slash|anxiety\|stress"#
        )
        #expect(text(.all, .overall) == "all")
        #expect(text(.recommendation(RecommendationID(rawValue: 7)), .recommendation) == "7")
    }

    @Test func showsASingleNameAsItIs() {
        func text(_ subject: Subject, _ level: Level) -> String {
            subject.text(at: level, herbs: herbs, conditions: conditions)
        }
        #expect(text(.herb(TermID(rawValue: 2)), .herb) == #"back\slash"#)
        #expect(text(.herb(TermID(rawValue: 1)), .herb) == "licorice | root")
        #expect(text(.condition(TermID(rawValue: Term.largestID)), .condition) == "anxiety|stress")
    }
}
