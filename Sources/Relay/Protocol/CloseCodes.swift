import NIOWebSocket

extension WebSocketErrorCode {
    /// 1013: another time.
    static let tryAgainLater = WebSocketErrorCode(codeNumber: 1013)
    /// 4001: the token has expired.
    static let expired = WebSocketErrorCode(codeNumber: 4001)
    /// 4003: the token was revoked.
    static let revoked = WebSocketErrorCode(codeNumber: 4003)
}
