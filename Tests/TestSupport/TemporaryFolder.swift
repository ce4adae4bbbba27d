public import Foundation

/// A folder that lives as long as the test that holds it.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// Makes the folder.
    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "avicenna-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)  // what cannot be removed is the system's to clean up
    }

    /// The path of a file in it.
    public func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a text file, in folders that are made.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try write(Data(text.utf8), to: name)
    }

    /// Writes a file.
    @discardableResult
    public func write(_ data: Data, to name: String) throws -> String {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
        return file.path
    }

    /// Reads a text file.
    public func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
    }

    /// Reads a text file, once what stands in it fulfils a condition.
    ///
    /// - Throws: `WaitTimeout` where it does not within a minute.
    public func read(_ name: String, once isComplete: (String) throws -> Bool) async throws -> String {
        var text = ""
        do {
            try await waitUntil("\(name) is complete", timeout: .seconds(60)) {
                text = try read(name)
                return try isComplete(text)
            }
        } catch let error as WaitTimeout {
            throw WaitTimeout(description: "\(error): \(text)")
        }
        return text
    }

    /// Puts the import files of a golden set into the folder `in`.
    public func addClinic(_ golden: String = "mixed-scripts") throws {
        for file in ["patients", "diagnoses", "recommendations", "feedback"] {
            try write(
                Data(contentsOf: Repository.golden.appending(path: "\(golden)/input/\(file).csv")), to: "in/\(file).csv"
            )
        }
    }

    /// Writes a self-signed certificate for `localhost` and its key: `cert.pem` and `key.pem`.
    ///
    /// - Parameters:
    ///   - notBefore: the start of its validity, such as `20200101000000Z`; now without it.
    ///   - notAfter: the end of its validity; in two days without it.
    public func addCertificate(notBefore: String? = nil, notAfter: String? = nil) async throws {
        try write(
            """
            [ca]
            default_ca = own
            [own]
            database = certificates.txt
            new_certs_dir = .
            rand_serial = yes
            default_md = sha256
            policy = any
            copy_extensions = copy
            [any]
            commonName = supplied
            """, to: "ca.cnf")
        let start = notBefore.map { "-startdate \($0)" } ?? ""
        let end = notAfter.map { "-enddate \($0)" } ?? "-days 2"
        let run = try await CommandRun.shell(
            """
            openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost \
                -addext subjectAltName=DNS:localhost && : > certificates.txt &&
            openssl ca -batch -selfsign -notext -config ca.cnf -keyfile key.pem -in request.pem -out cert.pem \
                \(start) \(end)
            """, in: self)
        guard run.status == 0 else {
            throw CocoaError(.executableLoad, userInfo: [NSDebugDescriptionErrorKey: run.errors])
        }
    }
}
