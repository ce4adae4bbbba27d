/// The reason for which a token is refused. The raw value is the text that clients receive.
public enum TokenRefusal: String, Error, CaseIterable, Sendable {
    /// There is no token.
    case missing = "a token is needed"
    /// It is malformed, altered, or signed with an unknown key.
    case invalid = "the token is not valid"
    /// `exp` is past.
    case expired = "the token has expired"
    /// `nbf` or `iat` is in the future.
    case notYetValid = "the token is not valid yet"
    /// `iss` is not the issuer of the settings.
    case issuer = "the token is of another issuer"
    /// `aud` lacks the audience of the settings.
    case audience = "the token is for another audience"
    /// It was revoked.
    case revoked = "the token was revoked"
    /// Its role or patient does not permit the request.
    case forbidden = "the token does not allow this"
}
