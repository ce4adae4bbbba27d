/// A buffer without the bounds checks and copies of an array, since a search writes it dozens of times. An element must be
/// written before it is read.
final class ScratchBuffer<Element: BitwiseCopyable> {
    private let elements: UnsafeMutableBufferPointer<Element>

    init(_ count: Int) { elements = .allocate(capacity: count) }

    deinit { elements.deallocate() }

    @inline(__always)
    subscript(offset: Int) -> Element {
        get { elements[offset] }
        set { elements[offset] = newValue }
    }
}
