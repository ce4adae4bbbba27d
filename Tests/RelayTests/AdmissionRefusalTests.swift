import Access
import Domain
import Testing

@testable import Relay

/// The texts that clients receive with the close code 1008, and the names in metrics.
@Suite(.timeLimit(.minutes(5))) struct AdmissionRefusalTests {
    @Test(
        "clients receive the reason of the token, and metrics its name",
        arguments: zip(
            TokenRefusal.allCases,
            ["missing", "invalid", "expired", "notYetValid", "issuer", "audience", "revoked", "forbidden"]))
    func tokens(refusal: TokenRefusal, name: String) {
        #expect(AdmissionRefusal.token(refusal).reason == refusal.rawValue)
        #expect(AdmissionRefusal.token(refusal).name == name)
    }

    @Test("names a diagnosis that does not exist, and hides why the database cannot be read")
    func others() {
        let unknown = AdmissionRefusal.unknownDiagnosis(DiagnosisID(rawValue: 7))
        #expect(unknown.reason == "there is no diagnosis 7" && unknown.name == "unknown")
        #expect(AdmissionRefusal.unavailable.reason == "the database cannot be read now")
        #expect(AdmissionRefusal.unavailable.name == "unavailable")
    }
}
