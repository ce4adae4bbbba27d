import Domain
import NIOCore
import Store

/// A message of a diagnosis, encoded once for all who follow it.
struct RelayFrame: Sendable {
    let diagnosis: DiagnosisID
    let sequence: Int64
    /// The only followers that receive it; `nil` where all do.
    let audience: Delta.Audience?
    let bytes: ByteBuffer

    init(_ delta: Delta, herbs: HerbNames) {
        diagnosis = delta.diagnosis
        sequence = delta.sequence
        audience = delta.change.audience
        bytes = ServerFrame.text(RelayMessage.delta(delta, herbs: herbs))
    }

    init(diagnosis: DiagnosisID, sequence: Int64, for audience: Delta.Audience, text: String) {
        self.diagnosis = diagnosis
        self.sequence = sequence
        self.audience = audience
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
