import Domain
import Testing

@Suite(.timeLimit(.minutes(30))) struct PrivacyLossTests {
    @Test(
        "reads ε in thousandths, in the digits of three scripts, and writes it without needless zeros",
        arguments: [
            ("0.5", 500, "0.5"), ("1", 1000, "1"), ("10", 10_000, "10"), ("0.001", 1, "0.001"), ("2.50", 2500, "2.5"),
            ("۰٫۲۵", 250, "0.25"), ("٠٫٠٧", 70, "0.07"), ("0.125", 125, "0.125"),
        ])
    func reads(text: String, thousandths: Int, written: String) throws {
        let loss = try #require(PrivacyLoss(text))
        #expect(loss.thousandths == thousandths && loss.description == written)
        #expect(PrivacyLoss(loss.description) == loss && PrivacyLoss(thousandths: thousandths) == loss)
    }

    @Test(
        "refuses what is outside of 0.001 to 10, or has too many decimals",
        arguments: ["0", "0.0001", "10.001", "-1", "+1", "1e-1", "", ".5", "0.", "0,5", "1.2.3", "0.5000", "nan"])
    func refuses(text: String) {
        #expect(PrivacyLoss(text) == nil)
    }
}
