public import Domain
import Foundation
import NIOCore

/// Why a server cannot listen for connections.
public struct ListenError: Failure, Equatable {
    /// What stands in the way.
    public enum Reason: Equatable, Sendable {
        /// Another program listens there.
        case portInUse
        /// The host cannot be resolved.
        case unknownHost
        /// The address is not one of this machine.
        case foreignAddress
        /// The user may not listen at the port.
        case privilegedPort
        /// Anything else, in the words of the system.
        case other(String)
    }

    /// The settings that say where to listen.
    public enum Setting: Equatable, Sendable {
        /// `host` and `port`.
        case hostAndPort
        /// `metrics_address`.
        case metricsAddress
    }

    /// Host and port, as in URLs.
    public var place: String
    /// The settings that name the place.
    public var setting: Setting
    /// What stands in the way.
    public var reason: Reason

    /// The error behind one of the network library; `nil` where it is about something else.
    init?(_ error: any Error, at place: String, by setting: Setting) {
        self.place = place
        self.setting = setting
        switch error {
        case is SocketAddressError.UnknownHost: reason = .unknownHost
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: reason = .portInUse
            case EADDRNOTAVAIL: reason = .foreignAddress
            case EACCES, EPERM: reason = .privilegedPort
            default: reason = .other(String(cString: strerror(error.errnoCode)).lowercased())
            }
        default: return nil
        }
    }

    /// One line: the place, the reason, what to do.
    public var description: String {
        "cannot listen at \(place): \(setting == .hostAndPort ? adviceOnHostAndPort : adviceOnMetricsAddress)"
    }

    private var adviceOnHostAndPort: String {
        switch reason {
        case .portInUse: "another program uses this port; end it, or set 'port' to another one"
        case .unknownHost:
            "there is no host of this name; set 'host' to an address of this machine, such as 127.0.0.1"
        case .foreignAddress:
            "this machine does not have this address; set 'host' to one that it has, or to 0.0.0.0 for all"
        case .privilegedPort:
            "this user may not use this port; set 'port' to one from 1024, or grant the right CAP_NET_BIND_SERVICE"
        case .other(let text): "\(text); check 'host' and 'port'"
        }
    }

    private var adviceOnMetricsAddress: String {
        switch reason {
        case .portInUse:
            "another program uses this port; end it, or set 'metrics_address' to another one"
        case .unknownHost:
            "there is no host of this name; set 'metrics_address' to an address of this machine, such as 127.0.0.1:9464"
        case .foreignAddress:
            "this machine does not have this address; set 'metrics_address' to one that it has, such as 127.0.0.1:9464"
        case .privilegedPort:
            "this user may not use this port; set 'metrics_address' to a port from 1024, or grant the right CAP_NET_BIND_SERVICE"
        case .other(let text): "\(text); check 'metrics_address'"
        }
    }

    /// 77 where the user lacks a right, else 69.
    public var status: ExitStatus { reason == .privilegedPort ? .notAllowed : .unavailable }
}
