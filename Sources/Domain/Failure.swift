/// How a command ends, after sysexits.h.
public enum ExitStatus: Int32, Sendable {
    /// 64: the command was used wrongly.
    case usage = 64
    /// 65: the input is there but bad.
    case badData = 65
    /// 66: the input is missing or cannot be read.
    case missingInput = 66
    /// 69: something that is needed is not available.
    case unavailable = 69
    /// 70: a bug in this program.
    case software = 70
    /// 73: the output cannot be written.
    case cannotWrite = 73
    /// 75: it may work later.
    case tryAgain = 75
    /// 77: it is not allowed.
    case notAllowed = 77
    /// 78: a setting or definition is wrong.
    case configuration = 78
}

/// An error that a person can act on: one line that names the place and says how to mend it.
public protocol Failure: Error, CustomStringConvertible, Sendable {
    /// How the command ends because of it.
    var status: ExitStatus { get }
}
