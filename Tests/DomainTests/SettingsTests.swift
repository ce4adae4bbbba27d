import Domain
import Foundation
import Testing
import TestSupport

/// Flags come before the environment, and that before the file; what is wrong is named with its place.
struct SettingsTests {
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
