import Domain
import Foundation
import Hummingbird
import NIOCore
import Synchronization

extension Channel {
    /// The address that the connection comes from; `IPAddress.unspecified` where it is not known.
    var peer: IPAddress { remoteAddress?.ipAddress.flatMap { IPAddress($0) } ?? .unspecified }
}

/// What is known of a request while it is answered.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address that the connection comes from.
    let peer: IPAddress
    /// The event loop of the connection.
    let eventLoop: any EventLoop
    /// Who sent it, once that is known, for the log.
    let sender = Sender()
    /// By which the log and the sender know it.
    let requestID: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.peer
        eventLoop = source.channel.eventLoop
        requestID = UUID().uuidString.lowercased()
    }

    /// Who sent a request.
    final class Sender: Sendable {
        private let known = Mutex<String?>(nil)

        /// The subject of the token; `nil` without one.
        var subject: String? {
            get { known.withLock { $0 } }
            set { known.withLock { $0 = newValue } }
        }
    }
}
