import Foundation

/// One loop over the messages of a diagnosis: keeps a connection, and makes it again when it is lost.
actor Follower {
    private let live: LiveDiagnosis
    private var session: Session?
    /// Attempts that failed since the connection was last there.
    private var failures = 0
    private var lastFailure = ""
    /// Whether there has been a connection.
    private var hasConnected = false

    init(_ live: LiveDiagnosis) {
        self.live = live
    }

    deinit {
        session?.close()
        live.leave()
    }

    func next() async throws -> LiveMessage {
        do {
            while true {
                let session = try await connected()
                switch try await session.next() {
                case .message(let text):
                    guard let message = try? LiveMessage(json: text), message.diagnosisID == live.diagnosisID else {
                        lose("the server says what is not understood")
                        continue
                    }
                    if case .connected = message.content {
                        failures = 0
                        hasConnected = true
                        live.enter(.connected)
                    }
                    if case .other(type: "pong", _) = message.content { continue }
                    if live.take(message) { return message }
                case .ended(let end):
                    if end.isFinal { throw LiveError.refused(end.reason) }
                    lose(end.reason)
                }
            }
        } catch {
            session?.close()
            session = nil
            live.enter(.ended(error as? LiveError))
            throw error
        }
    }

    private func lose(_ reason: String) {
        session?.close()
        session = nil
        failures += 1
        lastFailure = reason
    }

    private func connected() async throws -> Session {
        if let session { return session }
        let reconnection = live.options.reconnection
        while true {
            try Task.checkCancellation()
            if failures > reconnection.attempts {
                throw LiveError.unreachable(attempts: reconnection.attempts, reason: lastFailure)
            }
            if failures > 0 {
                let wait = reconnection.wait(before: failures)
                live.enter(.waiting(wait, reason: lastFailure))
                try await Task.sleep(for: wait)
            }
            live.enter(.connecting(attempt: failures))
            do {
                let session = try await Session.connect(to: live, token: live.token(), since: live.position)
                self.session = session
                return session
            } catch let error as LiveError {
                throw error
            } catch let error as CancellationError {
                throw error
            } catch {
                if !hasConnected, let problem = ServerProblem(error) { throw LiveError.unusable(problem) }
                lose(SessionEnd.reason(of: error))
            }
        }
    }
}
