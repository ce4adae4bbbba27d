import Foundation

/// Seconds against size, both logarithmic, as SVG.
struct SpeedChart {
    /// What took how long, at each size.
    struct Line {
        let name: String
        var seconds: [Double]
    }

    let sizes: [Int]
    let lines: [Line]

    private static let width = 720.0
    private static let height = 400.0
    private static let left = 64.0
    private static let right = 104.0
    private static let top = 24.0
    private static let bottom = 56.0
    private static let colours = ["#7a7a7a", "#1f6f5c", "#c46a1b", "#3a6ea5"]

    var svg: String {
        let all = lines.flatMap(\.seconds)
        let low = floor(log10(all.min() ?? 0.01))
        let high = ceil(log10(all.max() ?? 100))
        let first = log10(Double(sizes.first ?? 1))
        let last = max(first + 1, log10(Double(sizes.last ?? 10)))
        func x(_ size: Int) -> Double {
            Self.left + (log10(Double(size)) - first) / (last - first) * (Self.width - Self.left - Self.right)
        }
        func y(_ seconds: Double) -> Double {
            Self.height - Self.bottom - (log10(seconds) - low) / (high - low) * (Self.height - Self.top - Self.bottom)
        }
        var marks = ""
        for exponent in Int(low)...Int(high) {
            let level = y(pow(10, Double(exponent)))
            let value = pow(10, Double(exponent)).formatted(
                .number.precision(.significantDigits(1)).grouping(.automatic))
            marks += line(Self.left, level, Self.width - Self.right, level, "#dddddd")
            marks += text(Self.left - 8, level + 4, "\(value) s", anchor: "end")
        }
        for size in sizes {
            marks += line(x(size), Self.top, x(size), Self.height - Self.bottom, "#eeeeee")
            marks += text(x(size), Self.height - Self.bottom + 20, size.formatted(), anchor: "middle")
        }
        marks += text((Self.left + Self.width - Self.right) / 2, Self.height - 12, "feedback", anchor: "middle")
        var lastLabel = 0.0
        let byEnd = zip(lines, Self.colours).sorted { ($0.0.seconds.last ?? 0) > ($1.0.seconds.last ?? 0) }
        for (own, colour) in byEnd {
            let points = zip(sizes, own.seconds).map { "\(x($0).shown),\(y($1).shown)" }.joined(separator: " ")
            marks += "<polyline points=\"\(points)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>\n"
            for (size, seconds) in zip(sizes, own.seconds) {
                marks += "<circle cx=\"\(x(size).shown)\" cy=\"\(y(seconds).shown)\" r=\"3\" fill=\"\(colour)\"/>\n"
            }
            // One below the other, where lines end at one height.
            lastLabel = max(lastLabel + 16, y(own.seconds.last ?? 1) + 4)
            marks += text(Self.width - Self.right + 10, lastLabel, own.name, anchor: "start", colour: colour)
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
            font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            \(marks)</svg>

            """
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
        "<line x1=\"\(x1.shown)\" y1=\"\(y1.shown)\" x2=\"\(x2.shown)\" y2=\"\(y2.shown)\" stroke=\"\(colour)\"/>\n"
    }

    private func text(
        _ x: Double, _ y: Double, _ content: String, anchor: String, colour: String = "#333333"
    ) -> String {
        "<text x=\"\(x.shown)\" y=\"\(y.shown)\" text-anchor=\"\(anchor)\" fill=\"\(colour)\">\(content)</text>\n"
    }
}
