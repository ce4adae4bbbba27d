import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer whose body is known as a whole.
struct WholeAnswer {
    let status: HTTPResponse.Status
    var headers: HTTPFields
    let body: ByteBuffer

    /// An answer in JSON.
    init(_ body: JSON, status: HTTPResponse.Status = .ok, type: String = "application/json") {
        self.status = status
        headers = [.contentType: type]
        self.body = ByteBuffer(string: body.description)
    }

    /// What the router answers with.
    var response: Response {
        Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}
