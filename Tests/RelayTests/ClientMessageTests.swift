import NIOCore
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(5))) struct ClientMessageTests {
    @Test(
        "knows a ping, whatever else it says",
        arguments: [
            #"{"type":"ping"}"#, #" { "id" : 7 , "type" : "ping" } "#, #"{"type":"\u0070ing","data":{"a":[]}}"#,
        ])
    func pings(text: String) {
        #expect(ClientMessage.isPing(ByteBuffer(string: text)))
    }

    @Test(
        "ignores all other messages",
        arguments: [
            "", "ping", #""ping""#, #"{"type":"Ping"}"#, #"{"type":["ping"]}"#, #"{"Type":"ping"}"#,
            #"{"data":{"type":"ping"}}"#, #"[{"type":"ping"}]"#, #"{"type":"ping""#, #"{"type":"ping","type":"ping"}"#,
            #"{"type":"pong"}"#, "{}", "null", String(repeating: "[", count: 4096),
        ])
    func others(text: String) {
        #expect(!ClientMessage.isPing(ByteBuffer(string: text)))
    }
}
