public import Configuration
public import Domain
import Foundation
import Mail
import Reports
public import Store

/// What `avicenna doctor` looks at: whether all that a nightly run needs is there and in order.
public struct Checkup {
    let settings: Settings
    let now: Instant
    private let openDatabase: (String) throws -> any ClinicStore

    /// What came of looking at one thing.
    public struct Finding: Equatable, Sendable {
        /// What was looked at.
        public let subject: String
        /// How it stands.
        public let state: State
        /// What was found.
        public let text: String
        /// What to do about it; empty where nothing is to be done.
        public let advice: String

        /// What came of looking at a thing.
        public init(subject: String, state: State, text: String, advice: String = "") {
            self.subject = subject
            self.state = state
            self.text = text.onOneLine
            self.advice = advice
        }

        /// That others can read a file that holds a secret; `nil` where they cannot, or there is none.
        public static func rights(of path: String) -> Self? {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o077 != 0 else { return nil }
            return Self(
                subject: "rights", state: .doubtful, text: "\(path) can be read by others (\(String(mode, radix: 8)))",
                advice: "chmod 600 \(path)")
        }
    }

    /// How a thing stands.
    public enum State: String, Sendable {
        /// In order.
        case good
        /// It works, and something about it should be mended.
        case doubtful
        /// Runs, reports or public figures fail because of it.
        case bad
    }

    /// Runs that are later than this have been forgotten, not delayed.
    private static let mostDelay: Int64 = 2 * 3600

    /// A checkup of a clinic's set-up.
    ///
    /// - Parameter openDatabase: opens the database at a location to read it.
    public init(
        settings: Settings, now: Instant, openDatabase: @escaping (_ location: String) throws -> any ClinicStore
    ) {
        self.settings = settings
        self.now = now
        self.openDatabase = openDatabase
    }

    /// Looks at everything; what cannot be looked at because of something else is left out.
    public func findings() -> [Finding] {
        var findings = [clock(), fonts(), folder()]
        let jobs = definitions("jobs", of: settings.jobs) { try JobDefinition.all(in: settings.jobs) }
        let reports = definitions("reports", of: settings.reports) { try ReportDefinition.all(in: settings.reports) }
        findings += [jobs.finding, reports.finding]
        findings += reportsOfJobs(jobs.found, reports.found)
        findings += mail(of: jobs.found)
        findings += Self.serverFindings(settings)
        if !jobs.found.isEmpty { findings += Self.patientViewFindings(settings, jobs.found) }
        do {
            let database = try openDatabase(settings.database)
            findings += try look(at: database)
            findings += try releaseFindings(database)
            findings += try jobs.found.compactMap { try schedule(of: $0, in: database) }
        } catch {
            findings.append(Finding(subject: "database", state: .bad, text: "\(error)"))
        }
        return findings
    }

    private func good(_ subject: String, _ text: String) -> Finding {
        Finding(subject: subject, state: .good, text: text)
    }

    // MARK: The machine

    private func clock() -> Finding {
        good("clock", "\(settings.timezone.clock(at: Instant(seconds: now.seconds))) in \(settings.timezone)")
    }

    private func fonts() -> Finding {
        do {
            let missing = try PDFFonts.missingScripts()
            guard missing.isEmpty else {
                var packages: [String] = []
                for script in missing where !packages.contains(script.package) { packages.append(script.package) }
                return Finding(
                    subject: "fonts", state: .doubtful,
                    text: "no installed font has \(missing.map(\.rawValue).joined(separator: ", ")); "
                        + "PDFs show such characters as code points",
                    advice: "install \(packages.joined(separator: " "))")
            }
            return good("fonts", "all that PDFs need are installed")
        } catch {
            return Finding(subject: "fonts", state: .bad, text: "\(error)")
        }
    }

    private func folder() -> Finding {
        var folder = settings.output
        while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
            folder = folder.deletingLastPathComponent()
        }
        guard access(folder.path, W_OK | X_OK) == 0 else {
            return Finding(
                subject: "output", state: .bad, text: "\(settings.output.relativePath): \(systemError)",
                advice: "let the user who runs the jobs write there, or name another folder with 'output'")
        }
        return good("output", "\(settings.output.relativePath) can be written")
    }

    // MARK: Definitions

    private func definitions<Definition>(
        _ subject: String, of folder: URL, _ read: () throws -> [Definition]
    ) -> (finding: Finding, found: [Definition]) {
        do {
            let found = try read()
            return (good(subject, "\(found.count) in \(folder.relativePath), all sound"), found)
        } catch {
            return (Finding(subject: subject, state: .bad, text: "\(error)"), [])
        }
    }

    private func reportsOfJobs(_ jobs: [JobDefinition], _ reports: [ReportDefinition]) -> [Finding] {
        guard !reports.isEmpty else { return [] }
        return jobs.flatMap { job in
            job.reports.filter { name in !reports.contains { $0.name == name } }.map { name in
                Finding(
                    subject: "job \(job.name)", state: .bad, text: "its report '\(name)' is not there",
                    advice: suggestion(for: name, among: reports.map(\.name)))
            }
        }
    }

    // MARK: Mail

    private func mail(of jobs: [JobDefinition]) -> [Finding] {
        guard let mail = settings.mail else {
            return jobs.filter { !$0.delivery.recipients.isEmpty || !$0.toldOfFailure.isEmpty }.map { job in
                Finding(
                    subject: "job \(job.name)", state: .bad, text: "it sends mail, and the settings have no server",
                    advice: "name one with 'mail_server'")
            }
        }
        // That there is no such file is told by the session.
        var findings = [mail.server.passwordFile.flatMap { Finding.rights(of: $0.path) }].compactMap(\.self)
        do {
            try MailSession(mail.server).check()
            findings.append(good("mail", "\(mail.server.host):\(mail.server.port) lets us in"))
        } catch {
            findings.append(
                Finding(
                    subject: "mail", state: .bad, text: "\(error)",
                    advice: "see that the server is up, and the 'mail_' settings are right"))
        }
        return findings
    }

    // MARK: The database

    private func look(at database: any ClinicStore) throws -> [Finding] {
        var findings: [Finding] = []
        let problem = try database.problem()
        let counts = try database.recordCounts()
        findings.append(
            problem.map {
                Finding(
                    subject: "database", state: .bad, text: "\(database.location): \($0)",
                    advice: "restore it from a backup with 'avicenna restore FILE --force'")
            } ?? good("database", "\(database.location): sound, with \(counts.feedback) feedback"))
        findings += try database.recordsOutOfRange().map { kind, id in
            Finding(
                subject: "records", state: .doubtful,
                text: "\(kind) \(id) has a number outside of 1 to \(PatientID.largest)",
                advice: "find out what wrote it, and give it its right number, or restore a backup")
        }
        if let problem = database.writeProblem {
            findings.append(
                Finding(
                    subject: "database", state: .doubtful,
                    text: "\(database.location): cannot be written: \(problem.reason)", advice: problem.advice))
        }
        findings += try [Finding.rights(of: database.location), space(beside: database.location)].compactMap(\.self)
        if let past = try database.pastPublication(today: settings.timezone.day(of: now)) {
            findings.append(
                Finding(
                    subject: "results", state: .doubtful,
                    text:
                        "the published results are of \(past.day) (run \(past.run)), and before they were of \(past.latestDay)",
                    advice: past.command))
        }
        if let last = try database.runs(limit: 1).first, last.start.startedAt > now {
            findings.append(
                Finding(
                    subject: "clock", state: .bad,
                    text:
                        "the last run began at \(settings.timezone.clock(at: last.start.startedAt)), which has not come yet",
                    advice: "set the clock; until then nothing is due"))
        }
        return findings
    }

    /// A run may write as much again as there is, before it lets go of what it replaces.
    private func space(beside path: String) throws -> Finding? {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        var system = statvfs()
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard statvfs(folder, &system) == 0 else { return nil }
        let free = Int(system.f_bavail) * Int(system.f_frsize)
        guard free < size + (64 << 20) else { return good("disk", "\(free >> 20) MiB free") }
        return Finding(
            subject: "disk", state: .doubtful,
            text: "only \(free >> 20) MiB free beside a database of \(size >> 20) MiB",
            advice: "make room, or move the database")
    }

    // MARK: Jobs

    private func schedule(of job: JobDefinition, in database: any ClinicStore) throws -> Finding? {
        guard let schedule = job.schedule else { return nil }
        guard schedule.canBeDue else {
            return Finding(
                subject: "job \(job.name)", state: .doubtful, text: schedule.neverDue,
                advice: "mend 'schedule', or leave it out of a job that is run by hand")
        }
        let last = try database.latestRun(of: job.name)
        let due = try job.dueRun(in: database, now: now, zone: settings.timezone)
        if let due, now.seconds - due.moment.seconds > Self.mostDelay {
            return Finding(
                subject: "job \(job.name)", state: .doubtful,
                text: "was due at \(settings.timezone.clock(at: due.moment)) and did not run",
                advice: "see that cron has the lines of 'avicenna crontab'")
        }
        switch last?.status {
        case .failed, .incomplete, .undelivered:
            return Finding(
                subject: "job \(job.name)", state: .doubtful, text: "its last run failed: \(last?.end?.error ?? "")",
                advice: "mend that, and run it again with 'avicenna run \(job.name)'")
        case .some(let status): return good("job \(job.name)", "its last run: \(status.rawValue)")
        case nil: return good("job \(job.name)", "never ran")
        }
    }
}
