import Configuration
import Domain
import Foundation
import Testing
import TestSupport

/// Flags come before the environment, and that before the file; what is wrong is named with its place.
@Suite(.timeLimit(.minutes(30))) struct SettingsTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func load(
        _ yaml: String, environment: [String: String] = [:], flags: [Settings.Key: String] = [:]
    ) throws -> Settings {
        let file = try folder.write(yaml, to: "avicenna.yaml")
        return try SettingsLoader(flags: flags, configFile: file, environment: environment, installation: nil).load()
    }

    @Test func readsAllSettingsOfAFile() throws {
        let settings = try load(
            """
            database: clinic.db
            timezone: Asia/Tehran
            success_rating: 3
            minimum_samples: 11
            language: fa
            jobs: /etc/avicenna/jobs
            reports: my-reports
            output: out
            """)
        #expect(settings.database == folder.path("clinic.db"))
        #expect(settings.timezone.description == "Asia/Tehran")
        #expect(settings.successRating.value == 3)
        #expect(settings.minimumSamples == 11)
        #expect(settings.language == .persian)
        #expect(settings.jobs.path == "/etc/avicenna/jobs")
        #expect(settings.reports.path == folder.path("my-reports"))
        #expect(settings.output.path == folder.path("out"))
    }

    @Test("reads numbers in the digits of three scripts", arguments: [("4", "12"), ("۴", "۱۲"), ("٤", "١٢")])
    func readsNumbersInThreeScripts(digit: String, number: String) throws {
        let settings = try load(
            """
            success_rating: \(digit)
            minimum_samples: \(number)
            port: \(number)
            feedback_per_day: \(digit)
            mail_server: mail.clinic.example:\(number)
            mail_from: a@clinic.example
            calendar: persian
            """)
        #expect(settings.successRating.value == 4)
        #expect(settings.minimumSamples == 12)
        #expect(settings.port == 12)
        #expect(settings.api.feedbackPerDay == 4)
        #expect(settings.mail?.server.port == 12)
        #expect(settings.calendar == .persian)
        #expect(try load("", environment: ["AVICENNA_MINIMUM_SAMPLES": number]).minimumSamples == 12)
        #expect(try load("", flags: [.port: number]).port == 12)
    }

    @Test("reads the settings of released figures, in the digits of three scripts")
    func readsReleaseSettings() throws {
        let standard = try load("").releases
        #expect(standard.epsilon == PrivacyLoss(thousandths: 500) && standard.minimum == 50)
        #expect(standard.firstMonth == nil && standard.ledger == nil && standard.names == nil)
        let settings = try load(
            "public_epsilon: ۰٫۲۵\npublic_from: ۲۰۲۶-۱۱\npublic_minimum: ۱۱\nrelease_ledger: l\npublic_names: n.yaml"
        ).releases
        #expect(settings.epsilon == PrivacyLoss(thousandths: 250) && settings.minimum == 11)
        #expect(settings.firstMonth == CalendarMonth(year: 2026, month: 11))
        #expect(settings.ledger?.path == folder.path("l") && settings.names?.path == folder.path("n.yaml"))
        #expect(try load("", flags: [.publicFrom: "2026-02"]).releases.firstMonth == CalendarMonth("2026-02"))
    }

    @Test func theCalendarIsGregorianUnlessSaidOtherwise() throws {
        #expect(try load("").calendar == .gregorian)
        #expect(try load("calendar: gregorian", environment: ["AVICENNA_CALENDAR": "persian"]).calendar == .persian)
        #expect(try load("calendar: persian", flags: [.calendar: "gregorian"]).calendar == .gregorian)
    }

    @Test func flagsComeBeforeEnvironmentBeforeFile() throws {
        let settings = try load(
            "success_rating: 1\nminimum_samples: 1\nlanguage: ar",
            environment: ["AVICENNA_SUCCESS_RATING": "2", "AVICENNA_MINIMUM_SAMPLES": "2"],
            flags: [.successRating: "3"])
        #expect(settings.successRating.value == 3)
        #expect(settings.minimumSamples == 2)
        #expect(settings.language == .arabic)
    }

    @Test(
        arguments: [
            ("timezon: UTC", ":1: timezon: is no known key; did you mean 'timezone'?"),
            (
                "language: en\nsuccess_rating: five",
                ":2: success_rating: is 'five', but must be a whole number from 1 to 5"
            ),
            ("success_rating: 6", ":1: success_rating: is '6'"), ("minimum_samples: 0", ":1: minimum_samples: is '0'"),
            ("language: de", "must be one of en, fa, ar"), ("timezone: Tehran", "IANA name"),
            ("timezone: UTC\ntimezone: UTC", "timezone: stands twice"), ("- a\n- b", "must be a mapping"),
            ("a: [", "is no valid YAML"), ("language: {x: fa}", "language: must be a single value"),
            ("feedback_trigger: 0", "is '0', but must be a whole number from 1 to 1000000"),
            ("calendar: jalali", ":1: calendar: is 'jalali', but must be one of gregorian, persian"),
            ("feedback_per_day: 0", "is '0', but must be a whole number from 1 to 1000"),
            ("feedback_per_day: ۱۰۰۱", "is '۱۰۰۱', but must be a whole number from 1 to 1000"),
            ("log_format: xml", "must be one of text, json"),
            ("public_epsilon: 0", ":1: public_epsilon: is '0', but must be a number from 0.001 to 10"),
            ("public_epsilon: 0.1234", "with at most three decimals"), ("public_epsilon: 10.001", "is '10.001'"),
            ("public_epsilon: -1", "is '-1'"),
            ("public_from: 2026-13", ":1: public_from: is '2026-13', but must be a month"),
            ("public_from: 1405-08", "of the Gregorian calendar, such as 2026-11"), ("public_minimum: 0", "is '0'"),
            ("mail_from: a@b.c", ":1: mail_from: is given, but 'mail_server' is not"),
            ("mail_server: a b", ":1: mail_server: is 'a b', but must be a host, perhaps with a port"),
            ("mail_server: mail.example:99999\nmail_from: a@b.c", "mail_server: is 'mail.example:99999'"),
            ("mail_server: mail.example", "mail_server: is given, but 'mail_from' is not"),
            ("mail_server: mail.example\nmail_from: nobody", ":2: mail_from: is 'nobody', but must be an address"),
            (
                "mail_server: m.e\nmail_security: ssl",
                ":2: mail_security: is 'ssl', but must be one of starttls, tls, none"
            ),
            ("mail_server: m.e\nmail_user: u", ":2: mail_user: is given, but 'mail_password_file' is not"),
            (
                "mail_server: m.e\nmail_user: u\nmail_password_file: p\nmail_security: none",
                ":2: mail_user: would be sent with its password in the open"
            ),
        ])
    func namesWhatIsWrongInTheFile(yaml: String, expected: String) throws {
        let error = #expect(throws: DefinitionError.self) { try load(yaml) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.status == .configuration)
    }

    @Test func namesTheVariableAndTheFlag() throws {
        let unknown = #expect(throws: DefinitionError.self) {
            try load("", environment: ["AVICENNA_LANGAUGE": "fa"])
        }
        #expect(
            unknown?.description
                == "environment: AVICENNA_LANGAUGE: is no known setting; did you mean 'AVICENNA_LANGUAGE'?")
        let variable = #expect(throws: DefinitionError.self) {
            try load("", environment: ["AVICENNA_LANGUAGE": "xx"])
        }
        #expect(variable?.place == "environment")
        #expect(variable?.key == "AVICENNA_LANGUAGE")
        let flag = #expect(throws: DefinitionError.self) { try load("", flags: [.language: "xx"]) }
        #expect(flag?.key == "--language")
    }

    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0", "0.0.0.0:80"), ("clinic.example", "clinic.example", "clinic.example:80"),
        ("'::1'", "::1", "[::1]:80"), ("'[2001:db8::7]'", "2001:db8::7", "[2001:db8::7]:80"),
    ])
    func aServerHasAHost(text: String, host: String, authority: String) throws {
        let settings = try load("host: \(text)")
        #expect(settings.host == host)
        #expect(settings.authority(port: 80) == authority)
    }

    @Test(arguments: [
        "a b", "localhost:80", "'[localhost]'", "http://a", "'[]'", "'a:zz::'", "گل", "':::'", "'fe80::1%eth0'",
    ])
    func whatIsNoHostIsRefused(text: String) throws {
        let error = #expect(throws: DefinitionError.self) { try load("host: \(text)") }
        #expect(error?.description.contains(":1: host: is ") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("must be an address or host") == true)
    }

    @Test func metricsHaveAnAddressOfTheirOwn() throws {
        #expect(try load("").metricsAddress == nil)
        #expect(try load("metrics_address: 127.0.0.1:9464").metricsAddress == ListenAddress("127.0.0.1:9464"))
        let variable = ["AVICENNA_METRICS_ADDRESS": "[::1]:1"]
        #expect(try load("metrics_address: x", environment: variable).metricsAddress == ListenAddress("[::1]:1"))
        let flag = [Settings.Key.metricsAddress: "localhost:0"]
        #expect(try load("", environment: variable, flags: flag).metricsAddress == ListenAddress("localhost:0"))
        for text in ["", "9464", "127.0.0.1", "clinic.example:9464", "::1:9464"] {
            let error = #expect(throws: DefinitionError.self) { try load("metrics_address: '\(text)'") }
            #expect(
                error?.description.hasSuffix(
                    ":1: metrics_address: is '\(text)', but must be an IP address or localhost with a port, such as 127.0.0.1:9464 or [::1]:9464"
                ) == true, "\(error?.description ?? "")")
        }
    }

    @Test(arguments: [
        ("127.0.0.1", 8080, "127.0.0.1:8080", true), ("0.0.0.0", 80, "127.0.0.1:80", true),
        ("127.0.0.1", 80, "[::]:80", true), ("'[::1]'", 80, "[0::1]:80", true), ("127.0.0.1", 0, "127.0.0.1:0", false),
        ("127.0.0.1", 80, "127.0.0.1:81", false), ("127.0.0.1", 80, "127.0.0.2:80", false),
    ])
    func metricsAreNotWhereTheServerListens(host: String, port: Int, address: String, isRefused: Bool) throws {
        let yaml = "host: \(host)\nport: \(port)\nmetrics_address: '\(address)'"
        guard isRefused else {
            #expect(try load(yaml).metricsAddress == ListenAddress(address))
            return
        }
        let error = #expect(throws: DefinitionError.self) { try load(yaml) }
        #expect(
            error?.description.hasSuffix(
                ":3: metrics_address: is where 'host' and 'port' listen; set it to another port") == true,
            "\(error?.description ?? "")")
    }

    @Test func proxiesAndOriginsAreNormalised() throws {
        let api = try load(
            """
            trusted_proxies: '127.0.0.1, 0:0:0:0:0:0:0:1,10.9.9.9/8 , ::ffff:192.0.2.1'
            allowed_origins: HTTPS://App.Clinic.Example:443, http://localhost:3000
            """
        ).api
        #expect(api.trustedProxies.map(\.description) == ["127.0.0.1", "::1", "10.0.0.0/8", "192.0.2.1"])
        #expect(Set(api.allowedOrigins.map(\.description)) == ["https://app.clinic.example", "http://localhost:3000"])
    }

    @Test(
        "names the first proxy or origin that is not valid, and what to write",
        arguments: [
            (
                "trusted_proxies: 10.0.0.1, proxy.local",
                "has 'proxy.local', but must have addresses such as 127.0.0.1 or"
            ),
            ("trusted_proxies: 10.0.0.1:80", "has '10.0.0.1:80', but must have addresses"),
            ("trusted_proxies: 10.0.0.0/33", "networks such as 10.0.0.0/8, without name and port; separate several by"),
            ("trusted_proxies: '1.2 .3.4'", "has '1.2 .3.4'"), ("trusted_proxies: ','", "is ','"),
            (
                "allowed_origins: https://clinic.example/",
                "has 'https://clinic.example/', but must have origins such as"
            ),
            ("allowed_origins: '*'", "has '*', but must have origins"), ("allowed_origins: 'null'", "has 'null'"),
            ("allowed_origins: clinic.example", "without path and wildcard; separate several by commas"),
        ])
    func wrongProxiesAndOriginsAreRefused(line: String, expected: String) throws {
        let error = #expect(throws: DefinitionError.self) { try load(line) }
        let key = line.prefix { $0 != ":" }
        #expect(error?.description.contains(":1: \(key): ") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test func tokensMayHaveAGreatestAge() throws {
        #expect(try load("").tokens.maxAge == nil)
        #expect(try load("token_max_age: 0").tokens.maxAge == nil)
        #expect(try load("token_max_age: ۸۶۴۰۰").tokens.maxAge == 86_400)
        #expect(try load("", environment: ["AVICENNA_TOKEN_MAX_AGE": "315360000"]).tokens.maxAge == 315_360_000)
        for text in ["-1", "315360001", "1h", "1.5"] {
            let error = #expect(throws: DefinitionError.self) { try load("token_max_age: \(text)") }
            #expect(error?.description.hasSuffix("must be a whole number from 0 to 315360000") == true)
        }
    }

    @Test func mailHasAServerAndASender() throws {
        #expect(try load("").mail == nil)
        let mail = try #require(
            try load(
                """
                mail_server: mail.clinic.example
                mail_user: reports
                mail_password_file: secrets/mail
                mail_from: Clinic <reports@clinic.example>
                mail_limit: 25
                """
            ).mail)
        #expect(mail.server.host == "mail.clinic.example")
        #expect(mail.server.security == .startTLS)
        #expect(mail.server.port == 587)
        #expect(mail.server.user == "reports")
        #expect(mail.server.passwordFile?.path == folder.path("secrets/mail"))
        #expect(mail.from.description == "Clinic <reports@clinic.example>")
        #expect(mail.limit == 25 << 20)
        let other = try load("mail_server: '[::1]:2525'\nmail_security: none\nmail_from: a@b.c").mail
        #expect(other?.server == MailServer(host: "[::1]", port: 2525, security: .none))
        #expect(other?.limit == 10 << 20)
        #expect(other?.retryTime == .seconds(4 * 3600))
        let prompt = try load("mail_server: m.example\nmail_from: a@b.c\nmail_retry_hours: 0").mail
        #expect(prompt?.retryTime == .zero)
        let error = #expect(throws: DefinitionError.self) {
            try load("mail_server: m.example\nmail_from: دکتر@b.c")
        }
        #expect(error?.description.contains("must be an address with ASCII letters") == true)
    }

    @Test(arguments: [
        "", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "<a@b", "a,b@c", "é@b.c", "\"x\"\n <a@b.c>",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(MailAddress(text) == nil)
    }

    @Test func anEmptyFileLeavesTheDefaults() throws {
        let settings = try load("# nothing yet\nlanguage:\n")
        #expect(settings.language == .english)
        #expect(settings.timezone == .utc)
        #expect(settings.successRating.value == 4)
    }

    @Test func aFileThatWasAskedForMustBeThere() throws {
        #expect(throws: MissingFile(path: "nowhere.yaml", reason: "is not there")) {
            try SettingsLoader(flags: [:], configFile: "nowhere.yaml", environment: [:], installation: nil).load()
        }
    }
}
