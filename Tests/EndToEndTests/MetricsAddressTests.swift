import Foundation
import TestSupport
import Testing

/// Metrics and the status of the relay are for admins and services, and for those who reach an address of its own for them.
@Suite(.endToEnd, .timeLimit(.minutes(30))) struct MetricsAddressTests {
    private static let paths = ["/metrics", "/ws/status"]

    private func expectProblem(_ answer: HTTPExchange, _ status: Int, _ place: String) {
        #expect(answer.status == status, "\(place): \(answer.body)")
        #expect(answer["Content-Type"] == "application/problem+json", "\(place)")
        #expect(answer["X-Request-ID"] == answer.value("request_id", as: String.self), "\(place)")
        #expect(answer["X-Content-Type-Options"] == "nosniff", "\(place)")
    }

    // MARK: The second listener

    @Test(arguments: ["relay", "serve"])
    func theAddressForMetricsNeedsNoTokenAndHasNothingElse(command: String) async throws {
        let clinic = try await ServedClinic(settings: "metrics_address: localhost:0\n")
        let server = try await ServerProcess(in: clinic.folder, command: command)
        let port = try #require(server.metricsPort)
        #expect(
            try server.errors
                == "listening at 127.0.0.1:\(server.port), metrics at localhost:\(port)\n")
        let admin = try await clinic.token("--admin")
        for path in Self.paths + ["/health", "/live", "/ready"] {
            // A token is not needed, and not looked at.
            for token in [nil, admin, "x.y.z"] {
                #expect(try await HTTPExchange("GET", path, port: port, token: token).status == 200, "\(path)")
            }
            let head = try await HTTPExchange("HEAD", path, port: port)
            #expect(head.status == 200 && head.body.isEmpty)
            for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                expectProblem(try await HTTPExchange(method, path, port: port, token: admin), 404, "\(method) \(path)")
            }
        }
        let metrics = try await HTTPExchange("GET", "/metrics", port: port)
        #expect(metrics["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(metrics.body.contains("\navicenna_relay_connections 0\n"))
        for path in [
            "/", "/api/patients", "/api/patients/1", "/api/feedback/status", "/api/analytics/trending", "/openapi.json",
            "/asyncapi.json", "/docs", "/ws", "/ws/1", "/ws/x", "/metrics/x",
        ] {
            for token in [nil, admin] {
                expectProblem(try await HTTPExchange("GET", path, port: port, token: token), 404, path)
            }
        }
        for path in ["/ws/broadcast-feedback-update", "/api/feedback/submit"] {
            let answer = try await HTTPExchange("POST", path, port: port, token: admin, json: "{}")
            expectProblem(answer, 404, path)
        }
        // The ordinary port still needs a token.
        #expect(try await HTTPExchange("GET", "/metrics", port: server.port).status == 401)
    }

    private static let hasIPv6 =
        // Without the file there is none.
        ((try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8)) ?? "").contains(" lo\n")

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6"))
    func itMayBeAnAddressOfIPv6() async throws {
        let clinic = try await ServedClinic(settings: "metrics_address: '[::1]:0'\n")
        let server = try await ServerProcess(in: clinic.folder)
        let port = try #require(server.metricsPort)
        #expect(try server.errors == "listening at 127.0.0.1:\(server.port), metrics at [::1]:\(port)\n")
        let metrics = try await clinic.shell("curl -s -g 'http://[::1]:\(port)/metrics'").output
        #expect(metrics.contains("\navicenna_relay_connections 0\n"), "\(metrics)")
        let forwarded = try await clinic.shell(
            "curl -s -o /dev/null -H 'X-Forwarded-For: 192.0.2.1' http://127.0.0.1:\(server.port)/health")
        #expect(forwarded.status == 0)
        let doctor = try await clinic.shell("avicenna doctor --port 1 --metrics-address '[::1]:\(port)' --format csv")
        #expect(doctor.output.contains(",1 request came through"), "\(doctor.output)")
    }

    @Test func nothingIsUpgradedThere() async throws {
        let clinic = try await ServedClinic(settings: "metrics_address: 127.0.0.1:0\n")
        let server = try await ServerProcess(in: clinic.folder)
        let port = try #require(server.metricsPort)
        let token = "Authorization: Bearer \(try await clinic.token("--admin"))\r\n"
        for (path, status) in [("/ws/1", 404), ("/ws/status", 200), ("/metrics", 200)] {
            let error = #expect(throws: RawWebSocket.Ended.self) {
                try RawWebSocket(port: port, path: path, headers: token)
            }
            guard case .refused(let head)? = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
            #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(path): \(head)")
        }
        #expect(try clinic.follow(server, 1, try await clinic.token("--admin")).read().opcode == 1)
    }

    @Test func clientsThereHaveTheLimitsOfTheOrdinaryPort() async throws {
        let clinic = try await ServedClinic(settings: "metrics_address: 127.0.0.1:0\nmax_connections_per_address: 3\n")
        let server = try await ServerProcess(in: clinic.folder)
        let port = try #require(server.metricsPort)
        let long = String(repeating: "a", count: 17_000)
        for (request, status) in [
            ("GET /metrics HTTP/1.1\r\n\r\n", 400), ("nonsense\r\n\r\n", 400),
            ("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n", 414), ("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n", 431),
        ] {
            let connection = try RawWebSocket(port: port)
            connection.send(Array(request.utf8))
            #expect(try connection.readHead().hasPrefix("HTTP/1.1 \(status) "))
        }
        // Who asks for nothing is not waited for.
        let silent = try RawWebSocket(port: port)
        #expect(throws: RawWebSocket.Ended.closed) { try silent.readBytes(1) }
        let get = Array("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let connections = try (1...3).map { _ in try RawWebSocket(port: port) }
        for connection in connections {
            connection.send(get)
            #expect(try connection.readHead().hasPrefix("HTTP/1.1 200 "))
        }
        let oneTooMany = try RawWebSocket(port: port)
        oneTooMany.send(get)
        #expect(throws: RawWebSocket.Ended.closed) { try oneTooMany.readBytes(1) }
        withExtendedLifetime(connections) {}
        // The ordinary port counts its own.
        let other = try RawWebSocket(port: server.port)
        other.send(get)
        #expect(try other.readHead().hasPrefix("HTTP/1.1 200 "))
    }

    @Test func itEndsWithTheServer() async throws {
        let clinic = try await ServedClinic(settings: "metrics_address: 127.0.0.1:0\n")
        let server = try await ServerProcess(in: clinic.folder, command: "serve")
        let port = try #require(server.metricsPort)
        let connection = try RawWebSocket(port: port)
        connection.send(Array("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(try connection.readHead().hasPrefix("HTTP/1.1 200 "))
        #expect(try await server.end(with: SIGTERM) == 0)
        #expect(throws: RawWebSocket.Ended.self) { try RawWebSocket(port: port) }
    }

    // MARK: Settings

    @Test func flagAndVariableComeBeforeTheFile() async throws {
        let clinic = try await ServedClinic(settings: "metrics_address: 198.51.100.1:80\n")
        for start in ["avicenna relay --port 0", "AVICENNA_METRICS_ADDRESS=198.51.100.2:80 avicenna serve --port 0"] {
            let flag = start.contains("relay") ? " --metrics-address 198.51.100.3:80" : ""
            let run = try await clinic.shell(
                "timeout 20 env " + start.replacing("avicenna ", with: "\"$BINARY\" ") + flag)
            let host = flag.isEmpty ? "198.51.100.2" : "198.51.100.3"
            #expect(run.status == 69)
            #expect(
                run.errors
                    == "avicenna: cannot listen at \(host):80: this machine does not have this address; set 'metrics_address' to one that it has, such as 127.0.0.1:9464\n"
            )
        }
    }

    @Test func aPortInUseIsNamed() async throws {
        let clinic = try await ServedClinic(settings: "metrics_address: 127.0.0.1:0\n")
        let server = try await ServerProcess(in: clinic.folder)
        let taken = try #require(server.metricsPort)
        for command in ["serve", "relay"] {
            let run = try await clinic.shell(
                "timeout 20 \"$BINARY\" \(command) --port 0 --metrics-address 127.0.0.1:\(taken)")
            #expect(run.status == 69, "\(run.errors)")
            #expect(
                run.errors
                    == "avicenna: cannot listen at 127.0.0.1:\(taken): another program uses this port; end it, or set 'metrics_address' to another one\n"
            )
            #expect(run.output.isEmpty)
        }
        // The error is that of the port that is taken.
        let run = try await clinic.shell("timeout 20 \"$BINARY\" relay --port \(server.port)")
        #expect(run.status == 69)
        #expect(
            run.errors
                == "avicenna: cannot listen at 127.0.0.1:\(server.port): another program uses this port; end it, or set 'port' to another one\n"
        )
    }

    @Test(arguments: ["9464", "127.0.0.1", "clinic.example:9464", "127.0.0.1:65536", "::1:9464", ""])
    func whatIsNotAnAddressIsRefusedAtStart(text: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("port: 0\nmetrics_address: '\(text)'\n", to: "avicenna.yaml")
        for command in ["serve", "relay", "doctor"] {
            let run = try await CommandRun.avicenna(command, in: folder)
            #expect(run.status == 78)
            #expect(
                run.errors
                    == "avicenna: avicenna.yaml:2: metrics_address: is '\(text)', but must be an IP address or localhost with a port, such as 127.0.0.1:9464 or [::1]:9464\n"
            )
        }
    }
}
