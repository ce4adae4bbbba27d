import Testing

@testable import Analytics

@Suite(.timeLimit(.minutes(30))) struct IntrusiveListTests {
    @Test("the members of a group are those that were given to it, the newest first")
    func members() {
        let list = IntrusiveList(of: 7, into: 3) { [0, 2, 0, 0, 2, 0, 2][$0] }
        #expect(Array(list[0]) == [5, 3, 2, 0])
        #expect(Array(list[1]) == [])
        #expect(Array(list[2]) == [6, 4, 1])
    }

    @Test("members and groups are appended without moving others")
    func appending() {
        var list = IntrusiveList(of: 2, into: 1) { _ in 0 }
        list.reserveCapacity(10)
        list.appendGroup()
        list.append(to: 1)
        list.append(to: 0)
        list.append(to: 1)
        #expect(Array(list[0]) == [3, 1, 0])
        #expect(Array(list[1]) == [4, 2])
    }
}
