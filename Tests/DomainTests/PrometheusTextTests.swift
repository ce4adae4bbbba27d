import Domain
import Testing

/// Metrics as Prometheus reads them.
@Suite(.timeLimit(.minutes(30))) struct PrometheusTextTests {
    @Test func valuesStandBelowTheirMetric() {
        var text = PrometheusText()
        text.add("rows", .gauge, "Rows.", [.init(12), .init(0.25, ["job": "nightly", "kind": "a"])])
        text.add("nothing", .gauge, "Nothing.", [])
        text.add("told_total", .counter, "Told.", [.init(3)])
        #expect(
            text.description == """
                # HELP avicenna_rows Rows.
                # TYPE avicenna_rows gauge
                avicenna_rows 12
                avicenna_rows{job="nightly",kind="a"} 0.25
                # HELP avicenna_told_total Told.
                # TYPE avicenna_told_total counter
                avicenna_told_total 3

                """)
    }

    @Test func labelsMayHoldAnything() {
        var text = PrometheusText()
        text.add("x", .gauge, "X.", [.init(1, ["job": "a\"b\\c\nd"])])
        #expect(text.description.hasSuffix("avicenna_x{job=\"a\\\"b\\\\c\\nd\"} 1\n"))
    }

    @Test func histogramsHaveBucketsASumAndACount() {
        var text = PrometheusText()
        text.add(
            "s", .histogram, "S.",
            [
                .init(1, ["le": "0.5"], suffix: "_bucket"), .init(2, ["le": "+Inf"], suffix: "_bucket"),
                .init(1.75, suffix: "_sum"), .init(2, suffix: "_count"),
            ])
        #expect(
            text.description.hasSuffix(
                "avicenna_s_bucket{le=\"0.5\"} 1\navicenna_s_bucket{le=\"+Inf\"} 2\navicenna_s_sum 1.75\navicenna_s_count 2\n"
            ))
    }
}
