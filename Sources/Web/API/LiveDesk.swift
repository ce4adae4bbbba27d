import Analytics
import Domain
import Foundation
import Logging
import Store
import Synchronization

/// Keeps the clinic in memory as it is today, and asks it what to expect. It catches up with what was written before each
/// answer, so that an answer is of all that was committed before it was asked for.
final class LiveDesk: Sendable {
    private struct State {
        var clinic: LiveClinic?
        var version = ClinicVersion()
    }

    /// More changes than this are read faster with all the rest.
    private static let mostChanges = 10_000

    private let queue = DispatchQueue(label: "avicenna.live")
    private let database: any Database
    private let settings: Settings
    private let now: @Sendable () -> Instant
    private let state = Mutex(State())

    init(_ database: any Database, settings: Settings, now: @escaping @Sendable () -> Instant) {
        self.database = database
        self.settings = settings
        self.now = now
    }

    /// Reads the clinic, so that the first who asks need not wait for it.
    func prepare(logger: Logger) {
        queue.async { [self] in
            do { try state.withLock { try catchUp(&$0) } } catch { logger.error("\(error)") }
        }
    }

    /// What to expect in each of some diagnoses; without those that there are not.
    func predictions(of diagnoses: [DiagnosisID]) async throws -> [DiagnosisID: [LiveClinic.Reading]] {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(
                    with: Result {
                        try state.withLock { state in
                            try catchUp(&state)
                            var readings: [DiagnosisID: [LiveClinic.Reading]] = [:]
                            for diagnosis in diagnoses { readings[diagnosis] = state.clinic?.predictions(of: diagnosis) }
                            return readings
                        }
                    })
            }
        }
    }

    private func catchUp(_ state: inout State) throws {
        let today = settings.timezone.day(of: now())
        if state.clinic?.asOf == today {
            let (changes, version) = try database.changes(after: state.version, limit: Self.mostChanges)
            if let changes, changes.allSatisfy({ state.clinic?.apply($0) ?? false }) {
                state.version = version
                return
            }
        }
        // One is let go of before the other is read: two would take twice the memory.
        state.clinic = nil
        let clinic = try database.clinic(asOf: today, in: settings.timezone)
        state.version = clinic.version
        state.clinic = LiveClinic(clinic, zone: settings.timezone, successRating: settings.successRating)
    }
}
