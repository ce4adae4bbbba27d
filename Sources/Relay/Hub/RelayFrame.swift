import Domain
import NIOCore
import Store

/// A message of a diagnosis, encoded once for all who follow it.
struct RelayFrame: Sendable {
    let diagnosis: DiagnosisID
    let sequence: Int64
    let bytes: ByteBuffer

    init(_ delta: Delta, herbs: [RecommendationID: String]) {
        diagnosis = delta.diagnosis
        sequence = delta.sequence
        bytes = ServerFrame.text(RelayMessage.delta(delta, herbs: herbs))
    }

    init(diagnosis: DiagnosisID, sequence: Int64, text: String) {
        self.diagnosis = diagnosis
        self.sequence = sequence
        bytes = ServerFrame.text(text)
    }
}

/// What a client gets first: where it stands, and what it missed.
struct MissedFrames: Sendable {
    let connect: ByteBuffer
    let replay: [RelayFrame]
    /// Up to which message they tell all.
    let last: Int64
}
