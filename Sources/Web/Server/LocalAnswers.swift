import Domain
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1

/// Answers requests that never reach the router, and records those answers like all others.
struct LocalAnswers: Sendable {
    let serverName: String
    let proxies: TrustedProxies
    let recorder: RequestRecorder

    /// The answer to a request.
    func answer(
        to request: HTTPRequestHead, _ problem: Problem, from channel: any Channel
    ) -> (head: HTTPResponseHead, body: ByteBuffer) {
        let forwarded = request.headers["x-forwarded-for"]
        proxies.noteUntrusted(forwardedFor: forwarded, from: channel.peer)
        return record(
            problem, method: request.method.rawValue, path: String(request.uri.requestTarget.path),
            address: proxies.client(forwardedFor: forwarded, from: channel.peer))
    }

    /// The answer to what is not a valid request.
    func answer(_ problem: Problem, from channel: any Channel) -> (head: HTTPResponseHead, body: ByteBuffer) {
        record(problem, method: "-", path: "-", address: channel.peer)
    }

    private func record(
        _ problem: Problem, method: String, path: String, address: IPAddress
    ) -> (head: HTTPResponseHead, body: ByteBuffer) {
        let id = UUID().uuidString.lowercased()
        let answer = problem.answer(to: id)
        var headers = HTTPHeaders()
        for field in answer.headers { headers.add(name: field.name.rawName, value: field.value) }
        for (name, value) in SecurityHeaders.lines { headers.add(name: name.rawName, value: value) }
        headers.add(name: "X-Request-ID", value: id)
        headers.add(name: "Content-Length", value: "\(answer.body.readableBytes)")
        headers.add(name: "Date", value: HTTPDate.now)
        headers.add(name: "Server", value: serverName)
        recorder.record(
            RequestRecorder.Entry(
                id: id, method: method, path: path, address: "\(address)", status: answer.status.code, seconds: 0,
                bytes: answer.body.readableBytes))
        let status = HTTPResponseStatus(statusCode: answer.status.code, reasonPhrase: answer.status.reasonPhrase)
        return (HTTPResponseHead(version: .http1_1, status: status, headers: headers), answer.body)
    }
}
