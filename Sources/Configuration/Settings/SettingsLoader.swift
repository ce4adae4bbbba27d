import Domain
public import Foundation
import SwiftConfiguration

/// Loads the settings. Flags override the environment, which overrides `avicenna.yaml`.
public struct SettingsLoader: Sendable {
    /// The variable that names the file, which is not a setting.
    private static let configVariable = "AVICENNA_CONFIG"
    /// The variable that holds the token for `avicenna watch`, which is not a setting.
    public static let tokenVariable = "AVICENNA_TOKEN"
    private static let defaultFile = "avicenna.yaml"

    /// The given flags.
    public var flags: [Settings.Key: String]
    /// `--config`: the file to read; without it `AVICENNA_CONFIG`, else `avicenna.yaml` if it exists.
    public var configFile: String?
    /// The environment.
    public var environment: [String: String]
    /// The folder with jobs and reports of an installed binary, used if the working directory has none.
    public var installation: URL?

    /// A loader of given flags and environment.
    public init(
        flags: [Settings.Key: String], configFile: String?, environment: [String: String], installation: URL?
    ) {
        self.flags = flags
        self.configFile = configFile
        self.environment = environment
        self.installation = installation
    }

    /// Loads the settings.
    ///
    /// - Throws: `DefinitionError` that names an unknown or invalid setting and its origin; `MissingFile` if the requested
    ///   file cannot be read.
    public func load() throws -> Settings {
        try refuseUnknownVariables()
        let file = try configuration()
        try file?.allow(Settings.Key.allCases.map(\.rawValue))
        let reader = try reader(of: file)

        var settings = Settings()
        var given: [Settings.Key: Given] = [:]
        for key in Settings.Key.allCases {
            guard let text = reader.string(forKey: ConfigKey([key.rawValue])) else { continue }
            let value = Given(text: text, place: place(of: key, in: file), path: path(text, of: key, in: file))
            try value.apply(to: key, of: &settings)
            given[key] = value
        }
        settings.mail = try Self.mail(given)
        if let address = given[.metricsAddress],
            settings.metricsAddress?.overlaps(host: settings.host, port: settings.port) == true
        {
            throw address.error("is where 'host' and 'port' listen; set it to another port")
        }
        useInstallation(for: &settings, unless: reader)
        return settings
    }

    private func refuseUnknownVariables() throws {
        let known = Settings.Key.allCases.map(\.variable) + [Self.configVariable, Self.tokenVariable]
        for name in environment.keys.sorted() where name.hasPrefix("AVICENNA_") && !known.contains(name) {
            throw DefinitionError(
                place: "environment", key: name, reason: "is no known setting; \(suggestion(for: name, among: known))")
        }
    }

    private func configuration() throws -> Definition? {
        if let path = configFile ?? environment[Self.configVariable] {
            return try Definition(contentsOf: URL(filePath: path))
        }
        guard FileManager.default.fileExists(atPath: Self.defaultFile) else { return nil }
        return try Definition(contentsOf: URL(filePath: Self.defaultFile))
    }

    private func reader(of file: Definition?) throws -> ConfigReader {
        let given = flags.map { (AbsoluteConfigKey([$0.key.rawValue]), ConfigValue(stringLiteral: $0.value)) }
        // The file is already parsed, with line numbers for errors, so its values are passed on instead of the file.
        let written = try (file?.keys ?? []).compactMap { key in
            try file?.string(key).map { (AbsoluteConfigKey([key]), ConfigValue(stringLiteral: $0)) }
        }
        return ConfigReader(providers: [
            InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: given)),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "avicenna"),
            InMemoryProvider(name: "file", values: Dictionary(uniqueKeysWithValues: written)),
        ])
    }

    /// The origin of the effective value.
    private func place(of key: Settings.Key, in file: Definition?) -> DefinitionError {
        if flags[key] != nil { return DefinitionError(place: "command line", key: key.flag, reason: "") }
        if environment[key.variable] != nil {
            return DefinitionError(place: "environment", key: key.variable, reason: "")
        }
        return file?.error(key.rawValue, "") ?? DefinitionError(place: "defaults", key: key.rawValue, reason: "")
    }

    /// Paths in a file are relative to its folder, so that cron may start in any folder.
    private func path(_ text: String, of key: Settings.Key, in file: Definition?) -> String {
        guard let file, flags[key] == nil, environment[key.variable] == nil, !text.hasPrefix("/") else { return text }
        let folder = (file.file as NSString).deletingLastPathComponent
        return (folder as NSString).appendingPathComponent(text)
    }

    private func useInstallation(for settings: inout Settings, unless reader: ConfigReader) {
        guard let installation else { return }
        for (key, path) in [(Settings.Key.jobs, \Settings.jobs), (.reports, \Settings.reports)]
        where reader.string(forKey: ConfigKey([key.rawValue])) == nil {
            let installed = installation.appending(path: key.rawValue)
            let isHere = FileManager.default.fileExists(atPath: settings[keyPath: path].path)
            if !isHere, FileManager.default.fileExists(atPath: installed.path) {
                settings[keyPath: path] = installed
            }
        }
    }
}

/// A setting as it was entered.
struct Given {
    let text: String
    /// An error at its origin, without a reason yet.
    let place: DefinitionError
    /// The text as a path: one in a file is relative to the folder of that file.
    let path: String

    /// The error for an invalid value.
    func refused(_ expected: String) -> DefinitionError { error("is '\(text)', but must be \(expected)") }

    func error(_ reason: String) -> DefinitionError {
        var error = place
        error.reason = reason
        return error
    }

    /// The text as a file or folder.
    func url() throws -> URL {
        guard !text.isEmpty else { throw refused("a path") }
        return URL(filePath: path)
    }

    /// A whole number, in Latin, Persian or Arabic digits.
    func integer(in range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(text.withPlainDigits), range.contains(number) else {
            throw refused("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func word<Word: RawRepresentable & CaseIterable>(as type: Word.Type) throws -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: text) else {
            throw refused("one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    /// Parses the parts between commas, of which there is at least one.
    ///
    /// - Parameters:
    ///   - parse: returns `nil` for an invalid part.
    ///   - expected: describes valid parts, for the error, which names the first invalid one.
    private func list<Element>(of expected: String, _ parse: (String) -> Element?) throws -> [Element] {
        let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard !parts.isEmpty else { throw refused("\(expected); separate several by commas") }
        return try parts.map { part in
            guard let element = parse(part) else {
                throw error("has '\(part)', but must have \(expected); separate several by commas")
            }
            return element
        }
    }

    /// Sets the property of a key. Settings for mail depend on each other and are combined afterwards.
    fileprivate func apply(to key: Settings.Key, of settings: inout Settings) throws {
        switch key {
        case .database:
            guard !text.isEmpty else { throw refused("a path or URL") }
            settings.database = text.contains(":") ? text : path
        case .timezone:
            guard let zone = ClinicTimeZone(identifier: text) else {
                throw refused("the IANA name of a time zone, such as Asia/Tehran or UTC")
            }
            settings.timezone = zone
        case .calendar: settings.calendar = try word(as: InputCalendar.self)
        case .successRating:
            guard let rating = Rating(try integer(in: 1...5)) else { throw refused("a rating") }
            settings.successRating = rating
        case .minimumSamples: settings.minimumSamples = try integer(in: 1...1_000_000)
        case .language: settings.language = try word(as: Language.self)
        case .jobs: settings.jobs = try url()
        case .reports: settings.reports = try url()
        case .output: settings.output = try url()
        case .csvByteOrderMark:
            guard let isWanted = Bool(text) else { throw refused("true or false") }
            settings.csvByteOrderMark = isWanted
        case .feedbackTrigger: settings.feedbackTrigger = try integer(in: 1...1_000_000)
        case .logFormat: settings.logFormat = try word(as: Settings.LogFormat.self)
        case .metricsFile: settings.metricsFile = try url()
        case .host:
            // An IPv6 address in brackets, as URLs have it, or without.
            let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
            let host = isBracketed ? text.dropFirst().dropLast() : text[...]
            guard HostName.isIPv6(host) || !isBracketed && HostName.isName(host) else {
                throw refused("an address or host")
            }
            settings.host = String(host)
        case .port: settings.port = try integer(in: 0...65_535)
        case .metricsAddress:
            guard let address = ListenAddress(text) else {
                throw refused("an IP address or localhost with a port, such as 127.0.0.1:9464 or [::1]:9464")
            }
            settings.metricsAddress = address
        case .tokenSecretFile: settings.tokens.secretFile = try url()
        case .tokenPublicKey: settings.tokens.publicKeyFile = try url()
        case .tokenIssuer: settings.tokens.issuer = text
        case .tokenAudience: settings.tokens.audience = text
        case .tokenMaxAge:
            let seconds = try integer(in: 0...315_360_000)
            settings.tokens.maxAge = seconds > 0 ? seconds : nil
        case .maxConnections: settings.connections.total = try integer(in: 1...1_000_000)
        case .maxConnectionsPerAddress: settings.connections.perAddress = try integer(in: 1...1_000_000)
        case .maxConnectionsPerDiagnosis: settings.connections.perDiagnosis = try integer(in: 1...1_000_000)
        case .feedbackEditHours: settings.api.feedbackEditHours = try integer(in: 0...87_600)
        case .feedbackPerDay: settings.api.feedbackPerDay = try integer(in: 1...1000)
        case .rateLimit: settings.api.requestsPerMinute = try integer(in: 0...1_000_000)
        case .publicMinimum: settings.releases.minimum = try integer(in: 1...1_000_000)
        case .publicEpsilon:
            guard let epsilon = PrivacyLoss(text) else {
                throw refused("a number from 0.001 to 10 with at most three decimals, such as 0.5")
            }
            settings.releases.epsilon = epsilon
        case .publicFrom:
            guard let month = CalendarMonth(text.withPlainDigits), month.year >= 1900 else {
                throw refused("a month of the Gregorian calendar, such as 2026-11")
            }
            settings.releases.firstMonth = month
        case .publicNames: settings.releases.names = try url()
        case .releaseLedger: settings.releases.ledger = try url()
        case .allowedOrigins:
            settings.api.allowedOrigins = Set(
                try list(
                    of:
                        "origins such as https://app.clinic.example or http://localhost:3000, without path and wildcard",
                    WebOrigin.init))
        case .trustedProxies:
            settings.api.trustedProxies = try list(
                of: "addresses such as 127.0.0.1 or networks such as 10.0.0.0/8, without name and port", IPNetwork.init)
        case .mailServer, .mailSecurity, .mailUser, .mailPasswordFile, .mailCertificates, .mailFrom, .mailLimit,
            .mailRetryHours:
            break
        }
    }
}
