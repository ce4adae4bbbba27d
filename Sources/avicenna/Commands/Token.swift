import Access
import ArgumentParser
import Configuration
import Domain
import Foundation
import Store
import StoreSQLite

/// `avicenna token`
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mint a token for trying things out, or revoke tokens.",
        usage: """
            avicenna token --patient <number> | --admin | --clinician | --service
            avicenna token --revoke <id>
            avicenna token --revoke-subject <subject>
            """)

    @Option(help: ArgumentHelp("For a patient, who may follow what is theirs.", valueName: "number"))
    var patient: Int64?

    @Flag(help: "For an admin.")
    var admin = false

    @Flag(help: "For a clinician, who may follow every diagnosis.")
    var clinician = false

    @Flag(help: "For another program of the clinic, which may broadcast.")
    var service = false

    @Option(help: "Whom it stands for. (default: the role, with the patient's number)")
    var subject: String?

    @Option(help: "Seconds for which it counts.")
    var lifetime = 3600

    @Option(help: ArgumentHelp("Revoke the token of an id ('jti').", valueName: "id"))
    var revoke: String?

    @Option(
        help: ArgumentHelp("Revoke all tokens of a subject ('sub') that were issued until now.", valueName: "subject"))
    var revokeSubject: String?

    @OptionGroup var options: SettingsOptions

    private var role: Role? {
        patient != nil ? .patient : admin ? .admin : clinician ? .clinician : service ? .service : nil
    }

    func validate() throws {
        let wishes = [patient != nil, admin, clinician, service, revoke != nil, revokeSubject != nil]
        guard wishes.count(where: { $0 }) == 1 else {
            throw ValidationError("Say one of --patient, --admin, --clinician, --service, --revoke, --revoke-subject.")
        }
        guard patient ?? 1 > 0 else { throw ValidationError("--patient must be a number from 1.") }
        for (option, value) in [("subject", subject), ("revoke", revoke), ("revoke-subject", revokeSubject)] {
            guard value?.hasControlCharacters != true else {
                throw ValidationError(
                    "--\(option) must not contain control characters; no token with them is accepted.")
            }
        }
        guard (1...31_536_000).contains(lifetime) else {
            throw ValidationError("--lifetime must be from 1 second to a year.")
        }
    }

    func run() async throws {
        let settings = try options.load()
        if let revoke {
            try self.revoke(.token(id: revoke), settings)
        } else if let revokeSubject {
            try self.revoke(.subject(revokeSubject, issuedUntil: Terminal.now()), settings)
        } else if let role {
            let claims = TokenClaims(
                subject: subject ?? ([role.rawValue] + (patient.map { ["\($0)"] } ?? [])).joined(separator: "-"),
                role: role, patient: patient.map(PatientID.init(rawValue:)), issuedAt: Date(),
                lifetime: TimeInterval(lifetime), id: UUID().uuidString.lowercased())
            try Terminal.write(try await TokenKeys.sign(claims, with: settings.tokens) + "\n")
        }
    }

    private func revoke(_ tokens: RevokedTokens, _ settings: Settings) throws {
        try openDatabase(at: settings.database).revoke(tokens, at: Terminal.now())
        switch tokens {
        case .token(let id): try Terminal.show("revoked the token \(id)")
        case .subject(let subject, _):
            try Terminal.show("revoked all tokens of \(subject) that were issued until now")
        case .everyone: try Terminal.show("revoked all tokens that were issued until now")
        }
    }
}
