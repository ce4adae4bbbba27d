import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting

/// What was answered to a request of a test.
struct TestAnswer {
    let status: Int
    let body: String
    private let headers: HTTPFields

    init(_ response: TestResponse) {
        status = response.status.code
        body = String(buffer: response.body)
        headers = response.headers
    }

    /// The value of a header line; `nil` where there is none.
    subscript(header: String) -> String? { HTTPField.Name(header).flatMap { headers[$0] } }

    /// The body; `null` where it is not JSON.
    var json: JSON {
        // A body that is not JSON has no values.
        (try? JSONDocument(Array(body.utf8), limits: Self.limits).value) ?? .null
    }

    private static let limits: JSONLimits = {
        var limits = JSONLimits(bytes: 4 << 20)
        limits.depth = 100
        limits.values = 200_000
        limits.members = 10_000
        return limits
    }()
}

extension JSON {
    /// An entry of a list; `nil` where there is none.
    subscript(position: Int) -> JSON? { entries.indices.contains(position) ? entries[position] : nil }
}
