import Domain
import Statistics
import Testing

@testable import Reports

/// The reasons that patients read, word for word in each language.
@Suite(.timeLimit(.minutes(30))) struct PatientReasoningTests {
    private let prediction = PatientPrediction(
        rank: 1, tenths: 7, experience: .good, basis: .treatment, similar: .most)

    private func released() throws -> ReleasedFigure {
        let epsilon = try #require(PrivacyLoss(thousandths: 500))
        let cells = [(counts: RatingCounts(counts: [50, 50, 50, 250, 200]), epsilon: epsilon)]
        return try #require(ReleasedFigure(of: cells, successRating: .defaultSuccess, minimum: 50))
    }

    /// The sentences without the marks that keep numbers in order on a page.
    private func sentences(
        _ language: Language, _ prediction: PatientPrediction, of herb: String, for condition: String,
        released: ReleasedFigure? = nil
    ) -> [String] {
        PatientReasoning(in: language).sentences(
            for: prediction, of: herb, for: condition, released: released
        ).map { $0.replacing("\u{061C}", with: "").replacing("\u{A0}", with: " ") }
    }

    @Test("in English") func english() throws {
        let told = sentences(.english, prediction, of: "saffron", for: "insomnia", released: try released())
        #expect(
            told == [
                "Chance of success of saffron for insomnia: about 70%.",
                "Experience of this clinic with saffron for insomnia: good.",
                "Among patients similar to you, saffron worked for most.",
                "Published figures of the clinic: saffron worked for 75% of the patients who took it for insomnia (95 % interval 68%–81%).",
            ])
    }

    @Test("in Persian") func persian() throws {
        #expect(
            sentences(.persian, prediction, of: "زعفران", for: "بی‌خوابی") == [
                "احتمال موفقیت زعفران برای بی‌خوابی: حدود ۷۰٪.",
                "تجربۀ این درمانگاه با زعفران برای بی‌خوابی: خوب.",
                "زعفران برای بیشتر بیماران مشابه شما مؤثر بوده است.",
            ])
    }

    @Test("where there are few patients, in Arabic") func fewPatients() {
        let prediction = PatientPrediction(rank: 1, tenths: nil, experience: .little, basis: .herb, similar: nil)
        #expect(
            sentences(.arabic, prediction, of: "زعفران", for: "أرق") == [
                "عدد المرضى الذين أبدوا رأيهم في زعفران قليل، فلا يمكن بعدُ تقدير احتمال النجاح.",
                "خبرة هذه العيادة في زعفران لكل الأمراض: قليلة.",
            ])
    }
}
