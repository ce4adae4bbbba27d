public import Domain
public import Foundation

/// Lines for cron that start each job when it is due.
///
/// Cron's clock is the server's. Where the clinic's is another, cron looks every hour at the minutes at which the job can be
/// due, and the job runs only if it is: so no change of either clock skips or doubles a run.
public struct Crontab {
    private let jobs: [JobDefinition]
    private let zone: ClinicTimeZone
    private let serverZone: TimeZone
    private let binary: String
    private let folder: String

    /// Lines for jobs.
    ///
    /// - Parameters:
    ///   - zone: the clinic's zone, whose clocks schedules go by.
    ///   - serverZone: name of the zone of cron's clock.
    ///   - binary: where the program is.
    ///   - folder: where it is to run, with its configuration.
    public init(jobs: [JobDefinition], zone: ClinicTimeZone, serverZone: TimeZone, binary: String, folder: String) {
        self.jobs = jobs
        self.zone = zone
        self.serverZone = serverZone
        self.binary = binary
        self.folder = folder
    }

    /// The lines, as of a day from which the clocks of the coming year count.
    public func text(asOf day: Day) -> String {
        var lines = [
            "# Runs the jobs of \(folder) when they are due. Printed by 'avicenna crontab'; add it with 'crontab -e'.",
            "# One run at a time: a second one waits. What a run says goes to a log beside; errors go to cron's mail.",
        ]
        for job in jobs {
            guard let schedule = job.schedule else { continue }
            lines.append("")
            guard schedule.canBeDue else {
                lines.append("# \(job.name): \(schedule.neverDue)")
                continue
            }
            let time = cronTime(of: schedule, asOf: day)
            if time == schedule.description {
                lines.append("# \(job.name)")
            } else {
                lines.append(
                    "# \(job.name): \(schedule) on the clocks of \(zone); cron's show \(serverName)")
            }
            lines.append("\(time) \(command(of: job))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var serverName: String {
        ["GMT", "Etc/UTC", "UTC"].contains(serverZone.identifier) ? "UTC" : serverZone.identifier
    }

    private func command(of job: JobDefinition) -> String {
        let command =
            "cd \(quoted(folder)) && \(quoted(binary)) run \(quoted(job.name)) --if-due --wait 600 "
            + ">> \(quoted(job.name + ".log"))"
        return command.replacing("%", with: "\\%")  // which cron would take for the end of the line
    }

    /// As a shell reads it.
    private func quoted(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
        return isPlain ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }

    /// The five fields for cron's clock.
    private func cronTime(of schedule: CronSchedule, asOf day: Day) -> String {
        guard zone.description != serverName else { return schedule.description }
        // How far the clocks are apart, on each day of a year, in minutes of the hour.
        let distances = Set(
            (0..<366).map { offset -> Int in
                let noon = Int64((day + offset).daysSinceEpoch) * 86_400 + 43_200
                let server = serverZone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(noon)))
                return ((zone.offset(at: Instant(seconds: noon)) - server) / 60 % 60 + 60) % 60
            })
        if distances == [0], schedule.hours.count == 24 { return schedule.description }
        let minutes = Set(schedule.minutes.flatMap { minute in distances.map { (minute - $0 + 60) % 60 } })
        let field = minutes.count == 60 ? "*" : minutes.sorted().map(String.init).joined(separator: ",")
        return "\(field) * * * *"
    }
}
