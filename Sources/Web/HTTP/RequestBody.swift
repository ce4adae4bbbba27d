import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// The body of a request, as JSON within limits.
struct RequestBody: Sendable {
    /// The text as it was sent.
    let bytes: [UInt8]
    let document: JSONDocument

    /// Parses the bytes of a body, off the event loop if there are many.
    ///
    /// - Throws: `Problem` if they are not JSON.
    init(_ bytes: [UInt8]) async throws {
        self.bytes = bytes
        document = try await Self.offLoop(if: bytes.count) { try Self.parse(bytes) }
    }

    /// Reads a body. It does not check who sent it: do that first, so that nobody without a token makes the server wait.
    ///
    /// - Parameter ignoresContentType: whether it may have any `Content-Type`, or none.
    /// - Throws: `Problem` if it does not claim to be JSON, is compressed, too large, or not whole.
    static func bytes(of request: Request, ignoresContentType: Bool) async throws -> [UInt8] {
        let type = (request.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard ignoresContentType || type == "application/json" else {
            throw Problem(.unsupportedMediaType, "the body must be application/json")
        }
        let encodings = request.headers[values: .contentEncoding].listMembers
        guard encodings.allSatisfy({ $0 == "identity" }) else {
            var problem = Problem(.unsupportedMediaType, "the body must not be compressed")
            problem.headers[.acceptEncoding] = "identity"
            throw problem
        }
        let tooLarge = Problem(.contentTooLarge, "a body may have \(NetworkLimits.body) bytes")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > NetworkLimits.body {
            throw tooLarge
        }
        do {
            return Array(try await request.body.collect(upTo: NetworkLimits.body).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            // The connection broke off, or its chunks are not valid.
            throw Problem(.badRequest, "the body is incomplete")
        }
    }

    /// Does work on so many bytes of a request on a thread of its own where it could hold the event loop for long.
    static func offLoop<Value: Sendable>(
        if bytes: Int, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        guard bytes > NetworkLimits.inlineJSON else { return try body() }
        return try await NIOThreadPool.singleton.runIfActive(body)
    }

    private static func parse(_ bytes: [UInt8]) throws(Problem) -> JSONDocument {
        do {
            return try JSONDocument(bytes, limits: JSONLimits(bytes: NetworkLimits.body))
        } catch {
            throw Problem(.badRequest, "the body is not valid JSON: \(error.text)")
        }
    }
}
