import Domain
import NIOCore
import Store

/// A message of a diagnosis, encoded once for all who follow it.
struct RelayFrame: Sendable {
    let diagnosis: DiagnosisID
    let sequence: Int64
    /// The only followers that receive it; `nil` where all do.
    let audience: Delta.Audience?
    let kind: MessageCounts.Kind
    /// When the change was committed; `nil` for the state as a whole.
    let committedAt: Instant?
    let bytes: ByteBuffer

    init(_ delta: Delta, herbs: HerbNames, epoch: OutboxEpoch) {
        diagnosis = delta.diagnosis
        sequence = delta.sequence
        audience = delta.change.audience
        kind = MessageCounts.Kind(delta.change.kind)
        committedAt = delta.at
        bytes = ServerFrame.text(RelayMessage(epoch: epoch).delta(delta, herbs: herbs))
    }

    /// The state of a diagnosis as a whole.
    init(resync text: String, of diagnosis: DiagnosisID, sequence: Int64, for audience: Delta.Audience) {
        self.diagnosis = diagnosis
        self.sequence = sequence
        self.audience = audience
        kind = .resync
        committedAt = nil
        bytes = ServerFrame.text(text)
    }
}

/// Some of what a client missed.
struct MissedPage: Sendable {
    let frames: [RelayFrame]
    /// Up to which message this and what came before it tell all.
    let position: Int64
    /// Up to which message there is more to tell; not beyond `position` on the last page.
    let end: Int64
}

/// What a client gets first.
struct Beginning: Sendable {
    /// The message `connect`.
    let connect: ByteBuffer
    /// From which message on it is told.
    let position: Int64
    let page: MissedPage
}
