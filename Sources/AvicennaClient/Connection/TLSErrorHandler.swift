import Foundation
import NIOCore
import NIOSSL

/// Replaces errors of the TLS library by a `ServerProblem`, as long as the certificate of the server can be looked at.
final class TLSErrorHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let host: String

    /// - Parameter host: the host of the URL.
    init(host: String) {
        self.host = host
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(problem(behind: error, context) ?? error)
    }

    private func problem(behind error: any Error, _ context: ChannelHandlerContext) -> (any Error)? {
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let stack)):
            // The server went away, perhaps for a restart.
            if stack == [.eofDuringHandshake] { return ChannelError.eof }
            let reasons = stack.compactMap(Self.reason)
            if reasons.contains("CERTIFICATE_VERIFY_FAILED") { return certificateProblem(context) }
            // What a server answers that expects HTTP or anything else in the open.
            if reasons.contains(where: ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"].contains) {
                return ServerProblem.notTLS
            }
            let words = reasons.first.map { $0.lowercased().replacing("_", with: " ") }
            return ServerProblem.tlsFailure(words ?? "for an unknown reason")
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return ServerProblem.certificateForOtherName(host: host)
        case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate:
            return ServerProblem.certificateForOtherName(host: host)
        case NIOSSLError.uncleanShutdown: return ChannelError.eof
        default: return nil
        }
    }

    /// The library does not say why it rejects a certificate.
    private func certificateProblem(_ context: ChannelHandlerContext) -> ServerProblem {
        // Without the handler or a certificate nothing more can be said.
        let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
        guard let certificate = handler?.peerCertificate else { return .untrustedCertificate }
        let now = Date()
        let start = Date(timeIntervalSince1970: TimeInterval(certificate.notValidBefore))
        let end = Date(timeIntervalSince1970: TimeInterval(certificate.notValidAfter))
        if end < now { return .expiredCertificate(end) }
        return start > now ? .certificateNotYetValid(start) : .untrustedCertificate
    }

    /// The name in an entry of the library's error stack, such as `WRONG_VERSION_NUMBER` in
    /// `error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at FILE:LINE`.
    private static func reason(_ error: BoringSSLInternalError) -> String? {
        error.description.firstMatch(of: #/OPENSSL_internal:([A-Za-z0-9_ ]+?) at /#).map { String($0.1) }
    }
}
