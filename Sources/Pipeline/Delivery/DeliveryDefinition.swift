public import Configuration
import Domain
import Foundation
public import Reports

/// Where the reports of a job go.
public struct DeliveryDefinition: Sendable, Equatable {
    /// The folder, relative to the settings' `output` and always below it; `nil` for `output` itself.
    public var folder: String?
    /// Which of the older files stay; `nil` for all.
    public var keep: Retention?
    /// Who gets them by mail.
    public var recipients: [MailAddress] = []
    /// The formats that are mailed; `nil` for all that are written.
    public var mailFormats: [ReportFormat]?

    /// Into `output`, where they stay.
    public init() {}

    /// Reads the key `delivery` of a job.
    ///
    /// - Throws: `DefinitionError` for an unknown key or a wrong value.
    public init(_ definition: Definition) throws {
        try definition.allow(["folder", "keep", "mail"])
        folder = try definition.string("folder")
        if let folder, let reason = Self.reason(against: folder) { throw definition.error("folder", reason) }
        keep = try definition.string("keep").map { text in
            guard let keep = Retention(text) else {
                throw definition.error(
                    "keep", "is '\(text)', but must be a number of files such as 30, or of days such as 90d")
            }
            return keep
        }
        if let mail = try definition.mapping("mail") {
            try mail.allow(["to", "formats"])
            recipients = try mail.addresses("to")
            mailFormats = try mail.words("formats", as: ReportFormat.self)
        }
    }

    /// What is wrong with a folder; `nil` where nothing is.
    private static func reason(against folder: String) -> String? {
        if folder.isEmpty { return "is empty; name a folder below 'output', or leave it out for 'output' itself" }
        if folder.unicodeScalars.contains("\0") { return "has a NUL; name a folder such as nights" }
        let parts = folder.split(separator: "/", omittingEmptySubsequences: false)
        guard folder.hasPrefix("/") || parts.contains("..") else { return nil }
        return "is '\(folder)', but reports stay below 'output'; name a folder in it such as nights, "
            + "or set 'output' to another place"
    }

    /// The folder of files in one of several languages, below the settings' `output`.
    ///
    /// - Parameter language: `nil` where there is only one, for files of several would have the same names.
    func folder(in output: URL, language: Language?) -> URL {
        let url = folder.map { output.appending(path: $0) } ?? output
        return language.map { url.appending(path: $0.rawValue) } ?? url
    }
}

extension Definition {
    /// A list of addresses, each once.
    func addresses(_ key: String) throws -> [MailAddress] {
        var addresses: [MailAddress] = []
        for (item, text) in try (strings(key) ?? []).enumerated() {
            let address: MailAddress
            do throws(MailAddress.Problem) {
                address = try MailAddress(parsing: text)
            } catch let problem {
                throw error(key, item: item, "has '\(text)', but must have \(problem.expectation)")
            }
            guard !addresses.contains(where: { $0.address == address.address }) else {
                throw error(key, item: item, "has '\(address.address)' twice; keep one of them")
            }
            addresses.append(address)
        }
        guard !addresses.isEmpty else { throw error(key, "is missing; name at least one address") }
        return addresses
    }
}
