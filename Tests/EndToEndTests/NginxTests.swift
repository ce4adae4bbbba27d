import Foundation
import TestSupport
import Testing

/// The server behind nginx, as the documentation sets it up.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct NginxTests {
    private static let nginx = "/usr/sbin/nginx"

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: nginx), "nginx is not installed; 'make test' installs it"),
        .timeLimit(.minutes(30)))
    func theDocumentedConfigurationServesRequestsAndFollowers() async throws {
        let clinic = try await ServedClinic(settings: "rate_limit: 0\nlog_format: json\ntrusted_proxies: 127.0.0.1\n")
        let document = Repository.root.appending(path: "docs/nginx.md").path
        let run = try await clinic.shell("/usr/bin/python3 $SCRIPTS/nginx_proxy.py $BINARY '\(document)'")
        #expect(run.status == 0, "\(run.output) \(run.errors)")
    }
}
