extension SettingsLoader {
    /// The settings for mail; `nil` if none are given.
    static func mail(_ given: [Settings.Key: Given]) throws -> MailSettings? {
        let keys: [Settings.Key] = [
            .mailSecurity, .mailUser, .mailPasswordFile, .mailCertificates, .mailFrom, .mailLimit,
            .mailRetryHours,
        ]
        guard let place = given[.mailServer] else {
            if let lonely = keys.lazy.compactMap({ given[$0] }).first {
                throw lonely.error(
                    "is given, but 'mail_server' is not; name the server, such as mail.clinic.example:587")
            }
            return nil
        }
        guard let (host, port) = MailServer.place(place.text) else {
            throw place.refused("a host, perhaps with a port, such as mail.clinic.example:587")
        }
        let security = try given[.mailSecurity]?.word(as: MailServer.Security.self) ?? .startTLS
        var server = MailServer(host: host, port: port ?? security.port, security: security)
        server.certificates = try given[.mailCertificates]?.url()
        server.passwordFile = try given[.mailPasswordFile]?.url()
        if let user = given[.mailUser] {
            guard server.passwordFile != nil else {
                throw user.error("is given, but 'mail_password_file' is not; name the file with the password")
            }
            guard security != .none || ["localhost", "127.0.0.1", "[::1]"].contains(host) else {
                throw user.error("would be sent with its password in the open; let 'mail_security' be starttls or tls")
            }
            server.user = user.text
        }
        guard let from = given[.mailFrom] else {
            throw place.error("is given, but 'mail_from' is not; name the address that mails come from")
        }
        let address: MailAddress
        do throws(MailAddress.Problem) {
            address = try MailAddress(parsing: from.text)
        } catch {
            throw from.refused(error.expectation)
        }
        let megabytes = try given[.mailLimit]?.integer(in: 0...1000)
        let hours = try given[.mailRetryHours]?.integer(in: 0...72)
        return MailSettings(
            server: server, from: address, limit: megabytes.map { $0 << 20 } ?? MailSettings.standardLimit,
            retryTime: hours.map { .seconds($0 * 3600) } ?? MailSettings.standardRetryTime)
    }
}
