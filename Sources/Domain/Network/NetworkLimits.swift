/// The limits of everything that comes from the network. `docs/network.md` lists them with what happens beyond them.
package enum NetworkLimits {
    // MARK: Requests

    /// Bytes of a request target.
    package static let target = 8 << 10
    /// Header lines of a request.
    package static let headerLines = 100
    /// Bytes of the name and value of a header line: room for a token, twice.
    package static let headerLine = 16 << 10
    /// Bytes of all header lines.
    package static let headers = 32 << 10
    /// Parameters of a query; no endpoint has as many.
    package static let queryParameters = 20
    /// Bytes of a body.
    package static let body = 256 << 10
    /// Violations that are reported of one request.
    package static let problems = 20
    /// Characters up to which names and words of a request are quoted in an answer.
    package static let quote = 100

    // MARK: JSON

    /// Levels of arrays and objects inside each other.
    package static let jsonDepth = 16
    /// Values in all, including arrays and objects.
    package static let jsonValues = 20_000
    /// Members of one object.
    package static let jsonMembers = 500
    /// Bytes up to which JSON is parsed on an event loop, which must not be held for more than 10 ms; more bytes are parsed
    /// on a thread of their own.
    package static let inlineJSON = 16 << 10

    // MARK: Tokens

    /// Bytes of a token.
    package static let token = 8 << 10
    /// Characters of the subject of a token.
    package static let subject = 255

    // MARK: WebSockets

    /// Bytes of a message of a client.
    package static let clientMessage = 4096
    /// Messages and pings of a client in a second.
    package static let clientMessagesPerSecond = 50

    // MARK: Time

    /// Seconds from the head of a request to its answer.
    package static let requestSeconds: Int64 = 30
    /// Seconds between the requests of a connection.
    package static let idleSeconds: Int64 = 30
    /// Seconds in which a client takes no byte of an answer.
    package static let stallSeconds: Int64 = 30
    /// Seconds until a client has taken an answer as a whole.
    package static let answerSeconds: Int64 = 300
}
