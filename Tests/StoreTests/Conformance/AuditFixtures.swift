import Domain
import Store
import TestSupport

extension TestClinic {
    /// Writes to an empty database two imports of one source, one of another, orders, and revocations.
    static func writeAuditedClinic(to database: any ClinicStore) throws {
        var clinic = TestClinic()
        let first = clinic.patient()
        let second = clinic.patient(.garmTar, sex: .female, born: 1970)
        for (herb, patient) in [("saffron", first), ("mint", second), ("ginger", second)] {
            clinic.recommendation(herb, for: "insomnia", symptoms: ["a", "b"], to: patient, on: day("2026-10-01"))
        }
        for (number, rating) in [3, 4, 5, 2, 1, 4].enumerated() {
            clinic.rate(
                RecommendationID(rawValue: Int64(number % 3 + 1)), rating, on: day("2026-10-20"),
                sideEffects: number == 2 ? ["headache", "nausea"] : [], comment: number == 3 ? "" : nil)
        }
        try clinic.write(to: database)
        var changed = clinic
        changed.feedback[0].rating = Rating(1) ?? .defaultSuccess
        changed.feedback[1].comment = "later"
        changed.rate(RecommendationID(rawValue: 2), 5, on: day("2026-10-20"))
        try changed.write(to: database)
        try writeOtherSource(to: database, at: Instant(seconds: 7))
        try writeOrders(to: database)
        try database.revoke(.token(id: "t1"), at: Orders.noon)
        try database.revoke(.subject("boss", issuedUntil: Orders.noon), at: Orders.noon)
        try database.revoke(.everyone(issuedUntil: Orders.noon), at: Orders.noon)
    }

    /// Imports one patient from another source.
    static func writeOtherSource(to database: any ClinicStore, at now: Instant) throws {
        try database.importRecords(from: "other", at: now, firstNumber: 1) { writer in
            _ = try writer.write(Patient(id: PatientID(rawValue: 50), mizaj: .sardTar, sex: .male, birthYear: nil))
        }
    }

    private static func writeOrders(to database: any ClinicStore) throws {
        try database.write(.submit([draft(1, 2), draft(2, 2)]), by: .admin)
        // One that the first import wrote, one that the second changed, and one of the API.
        for feedback in [3, 2, 8] as [Int64] {
            try database.write(.edit(FeedbackID(rawValue: feedback), judgement(3)), by: .admin)
        }
        try database.write(.edit(FeedbackID(rawValue: 3), judgement(5)), by: .admin)
        try database.write(.withdraw(FeedbackID(rawValue: 7)), by: .admin)
        let new = Patient(id: PatientID(rawValue: 0), mizaj: .motadel, sex: nil, birthYear: nil)
        try database.write(.addPatients([NewRecord(id: nil, record: new)]), by: .admin)
    }

    /// Imports a clinic four times, each with comments that others do not have, so that records are of many imports.
    static func writeRepeatedly(to database: any ClinicStore) throws {
        var clinic = TestClinic.random(
            5, patients: 300, recommendations: 2000, feedback: 6000, until: day("2026-10-20"))
        for round in 0..<4 {
            for number in clinic.feedback.indices where number % (round + 2) == 0 {
                clinic.feedback[number].comment = "round \(round) of \(number)"
            }
            try clinic.write(to: database)
        }
    }
}
