import CCurl
public import Configuration
import Domain
import Foundation

/// Hands mails to a server, over one connection as long as it stands. For one thread at a time.
public final class MailSession {
    /// No answer within so many seconds is none.
    private static let patience = 60
    private static let connectPatience = 20
    /// What the server says of a mail whose content it waits for.
    private static let waitsForContent = 354

    private let server: MailServer
    private let handle: UnsafeMutableRawPointer
    private let replies = Replies()

    /// The replies of the server, for the callback of the library.
    private final class Replies {
        var reader = ReplyReader()
    }

    /// A session with a server; it connects with the first mail.
    ///
    /// - Throws: `MissingFile` where the password cannot be read; `MailError`.
    public init(_ server: MailServer) throws {
        self.server = server
        guard let handle = curl_easy_init() else {
            throw MailError(kind: .permanent, server: server.host, reason: "there is no memory for a connection")
        }
        self.handle = handle
        try setUp()
    }

    deinit {
        curl_easy_cleanup(handle)
    }

    private func setUp() throws {
        set(CURLOPT_URL, "\(server.security == .tls ? "smtps" : "smtp")://\(server.host):\(server.port)")
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_CONNECTTIMEOUT, Self.connectPatience)
        set(CURLOPT_SERVER_RESPONSE_TIMEOUT, Self.patience)
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, Self.patience)
        if server.security == .startTLS { set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
        if let certificates = server.certificates { set(CURLOPT_CAINFO, certificates.path) }
        if let user = server.user {
            set(CURLOPT_USERNAME, user)
            if let file = server.passwordFile { set(CURLOPT_PASSWORD, try Self.password(in: file)) }
        }
        let receiver: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
            bytes, size, count, context in
            if let bytes, let context {
                let line = String(
                    decoding: UnsafeRawBufferPointer(start: bytes, count: min(size * count, 1000)), as: UTF8.self)
                Unmanaged<Replies>.fromOpaque(context).takeUnretainedValue().reader.add(line)
            }
            return size * count
        }
        avicenna_set_receiver(handle, receiver, Unmanaged.passUnretained(replies).toOpaque())
    }

    private static func password(in file: URL) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: file.path) else {
            throw MissingFile(
                path: file.relativePath, reason: "cannot be read; it must hold the password of 'mail_user'")
        }
        return String(decoding: bytes.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
    }

    // MARK: Sending

    /// Hands a mail to the server; it has taken it on when this returns.
    ///
    /// - Throws: `MailError`, which says whether it is worth trying again; `MissingFile` for an attachment that is not there.
    public func send(_ message: MailMessage) throws {
        for file in message.attachments where !FileManager.default.isReadableFile(atPath: file.path) {
            throw MissingFile(path: file.relativePath, reason: "is to be mailed and cannot be read")
        }
        guard let content = Content(message, for: handle) else {
            throw MailError(kind: .permanent, server: place, reason: "there is no memory for a mail")
        }
        let recipients = curl_slist_append(nil, "<\(message.to.address)>")
        defer {
            avicenna_set_list(handle, CURLOPT_MAIL_RCPT, nil)
            avicenna_set_list(handle, CURLOPT_HTTPHEADER, nil)
            avicenna_set_message(handle, nil)
            curl_slist_free_all(recipients)
        }
        set(CURLOPT_MAIL_FROM, "<\(message.from.address)>")
        avicenna_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
        avicenna_set_list(handle, CURLOPT_HTTPHEADER, content.headers)
        avicenna_set_message(handle, content.mime)
        try withExtendedLifetime(content) { try perform() }
    }

    /// Connects and logs in, and sends nothing.
    ///
    /// - Throws: `MailError`.
    public func check() throws {
        set(CURLOPT_NOBODY, 1)
        set(CURLOPT_CUSTOMREQUEST, "NOOP")
        try perform()
    }

    private var place: String { "\(server.host):\(server.port)" }

    private func perform() throws {
        replies.reader = ReplyReader()
        let code = curl_easy_perform(handle)
        guard code != CURLE_OK else { return }
        let answer = avicenna_response_code(handle)
        let library = String(cString: curl_easy_strerror(code))
        guard answer != Self.waitsForContent else {
            throw MailError(
                kind: .uncertain, server: place, reason: "\(library), after the mail was sent; it may have arrived")
        }
        let isRefused = answer >= 400
        throw MailError(
            kind: isRefused ? (answer >= 500 ? .permanent : .temporary) : Self.kind(of: code), server: place,
            reason: isRefused
                ? "says '\(replies.reader.refusal)'" : library.prefix(1).lowercased() + library.dropFirst())
    }

    private static func kind(of code: CURLcode) -> MailError.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_SEND_ERROR,
            CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_WEIRD_SERVER_REPLY:
            .temporary
        default: .permanent  // certificates, logins, a server without TLS
        }
    }

    private func set(_ option: CURLoption, _ value: String) {
        avicenna_set_string(handle, option, value)
    }

    private func set(_ option: CURLoption, _ value: Int) {
        avicenna_set_long(handle, option, value)
    }
}

/// A mail as the library takes it.
private final class Content {
    private(set) var headers: UnsafeMutablePointer<curl_slist>?
    let mime: OpaquePointer

    /// `nil` where memory is short.
    init?(_ message: MailMessage, for handle: UnsafeMutableRawPointer) {
        guard let mime = curl_mime_init(handle) else { return nil }
        self.mime = mime
        for header in message.headers { headers = curl_slist_append(headers, header) }
        // Programs show the last of the alternatives that they can.
        guard let alternatives = curl_mime_init(handle), let body = curl_mime_addpart(mime),
            Self.add(message.text + "\n", type: "text/plain; charset=utf-8", to: alternatives),
            Self.add(message.html, type: "text/html; charset=utf-8", to: alternatives),
            curl_mime_subparts(body, alternatives) == CURLE_OK,
            curl_mime_type(body, "multipart/alternative") == CURLE_OK
        else { return nil }
        for file in message.attachments {
            guard let part = curl_mime_addpart(mime), curl_mime_filedata(part, file.path) == CURLE_OK,
                curl_mime_encoder(part, "base64") == CURLE_OK,
                curl_mime_type(part, Self.type(of: file)) == CURLE_OK,
                curl_mime_headers(part, curl_slist_append(nil, Self.disposition(of: file)), 1) == CURLE_OK
            else { return nil }
        }
    }

    deinit {
        curl_mime_free(mime)
        curl_slist_free_all(headers)
    }

    private static func add(_ text: String, type: String, to mime: OpaquePointer) -> Bool {
        guard let part = curl_mime_addpart(mime) else { return false }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        return curl_mime_data(part, lines, lines.utf8.count) == CURLE_OK
            && curl_mime_encoder(part, "quoted-printable") == CURLE_OK
            && curl_mime_type(part, type) == CURLE_OK
            && curl_mime_headers(part, curl_slist_append(nil, "Content-Disposition: inline"), 1) == CURLE_OK
    }

    private static func type(of file: URL) -> String {
        switch file.pathExtension {
        case "pdf": "application/pdf"
        case "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case "csv": "text/csv; charset=utf-8"
        default: "application/octet-stream"
        }
    }

    /// With a name of any letters, in parts where it is long (RFC 2231).
    private static func disposition(of file: URL) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        let name = file.lastPathComponent.addingPercentEncoding(withAllowedCharacters: plain) ?? "report"
        let start = "Content-Disposition: attachment;"
        if !name.contains("%"), name.utf8.count <= maxNamePart { return "\(start)\r\n filename=\"\(name)\"" }
        if name.utf8.count <= maxNamePart { return "\(start)\r\n filename*=UTF-8''\(name)" }
        var parts: [String] = [""]
        var rest = name[...]
        while let first = rest.first {
            let unit = rest.prefix(first == "%" ? 3 : 1)
            if parts[parts.count - 1].utf8.count + unit.utf8.count > maxNamePart { parts.append("") }
            parts[parts.count - 1] += unit
            rest = rest.dropFirst(unit.count)
        }
        return start
            + parts.enumerated().map { number, part in
                "\r\n filename*\(number)*=\(number == 0 ? "UTF-8''" : "")\(part)"
            }.joined(separator: ";")
    }

    /// Characters of the name of a file in one line of the header.
    private static let maxNamePart = 50
}
