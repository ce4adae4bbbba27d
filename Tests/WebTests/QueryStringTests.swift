import Domain
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct QueryStringTests {
    private func read(_ text: String?) -> [String] {
        QueryString(text.map { $0[...] }).parameters.map { "\($0.name)=\($0.value)" }
    }

    @Test("reads names and values in their order, decoded")
    func parameters() {
        #expect(read("b=1&a=2&b=3") == ["b=1", "a=2", "b=3"])
        #expect(read("a=%DA%AF%26&%61=x%3D") == ["a=گ&", "a=x="])
        #expect(read("a&b=&=c&&") == ["a=", "b=", "=c"])
        #expect(read("a=b=c+d") == ["a=b=c+d"])
        #expect(read(nil).isEmpty && read("").isEmpty)
    }

    @Test("keeps what is not valid percent-encoding as it is")
    func brokenEncoding() {
        #expect(read("a=%zz&b=%FF&c=%") == ["a=%zz", "b=%FF", "c=%"])
    }

    @Test("finds the first value of a name")
    func lookup() {
        let query = QueryString("a=1&b=2&a=3")
        #expect(query["a"] == "1" && query["b"] == "2" && query["c"] == nil)
    }

    @Test("reads no more parameters than the limit")
    func limit() {
        func query(_ count: Int) -> QueryString {
            QueryString(Array(repeating: "a=1", count: count).joined(separator: "&")[...])
        }
        #expect(!query(NetworkLimits.queryParameters).isTooLong)
        #expect(query(NetworkLimits.queryParameters + 1).isTooLong)
        #expect(query(100_000).parameters.count == NetworkLimits.queryParameters)
    }

    @Test(
        "divides a request target, also in absolute form",
        arguments: [
            ("/a/b?c=d?e", "/a/b", "c=d?e"), ("/a", "/a", nil), ("/a?", "/a", ""), ("http://h:1/a?b", "/a", "b"),
            ("http://h?b", "", "b"), ("http://h", "", nil), ("/x?u=http://h/", "/x", "u=http://h/"),
        ] as [(String, String, String?)])
    func targets(target: String, path: String, query: String?) {
        #expect(target.requestTarget.path == path[...])
        #expect(target.requestTarget.query.map(String.init) == query)
    }
}
