import Analytics
import Domain
import Testing

@testable import Reports

/// The reasons that patients read, word for word in each language.
struct PatientReasoningTests {
    private let prediction = PatientPrediction(
        rank: 1, tenths: 7, experience: .good, basis: .treatment, similar: .most)

    private func released() throws -> ReleasedFigure {
        let cells = [(counts: RatingCounts(counts: [50, 50, 50, 250, 200]), epsilon: PrivacyLoss(thousandths: 500)!)]
        return try #require(ReleasedFigure(of: cells, successRating: .defaultSuccess, minimum: 50))
    }

    @Test("in English") func english() throws {
        #expect(
            PatientReasoning(in: .english).sentences(
                for: prediction, of: "saffron", for: "insomnia", released: try released()) == [
                    "Chance of success of saffron for insomnia: about 70%.",
                    "Experience of this clinic with saffron for insomnia: good.",
                    "saffron worked for most patients who are similar to you.",
                    "Published figures of the clinic: saffron worked for 75% of the patients who took it for insomnia (95 % interval 69–81 %).",
                ])
    }

    @Test("in Persian") func persian() throws {
        #expect(
            PatientReasoning(in: .persian).sentences(
                for: prediction, of: "زعفران", for: "بی‌خوابی", released: nil) == [
                    "احتمال موفقیت زعفران برای بی‌خوابی: حدود ۷۰٪.",
                    "تجربۀ این درمانگاه با زعفران برای بی‌خوابی: خوب.",
                    "زعفران برای بیشتر بیماران مشابه شما مؤثر بوده است.",
                ])
    }

    @Test("where there are few patients, in Arabic") func fewPatients() {
        let prediction = PatientPrediction(rank: 1, tenths: nil, experience: .little, basis: .herb, similar: nil)
        #expect(
            PatientReasoning(in: .arabic).sentences(for: prediction, of: "زعفران", for: "أرق", released: nil) == [
                "عدد المرضى الذين أبدوا رأيهم في زعفران قليل، فلا يمكن بعدُ تقدير احتمال النجاح.",
                "خبرة هذه العيادة في زعفران لكل الأمراض: قليلة.",
            ])
    }
}
