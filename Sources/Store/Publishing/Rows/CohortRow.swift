package import Domain

extension Cohort: PublishedRow {
    package func write(to page: inout ByteWriter) {
        page.append(count: patients)
        page.append(count: samples)
        page.append(count: successes)
    }

    package init?(from page: inout ByteReader) {
        self.init(patients: page.count32(), samples: page.count32(), successes: page.count32())
    }

    package static let columns = ["patients", "samples", "successes"]

    package func write(to columns: inout ColumnWriter) {
        columns.append(patients)
        columns.append(samples)
        columns.append(successes)
    }

    package init?(from columns: inout ColumnReader) {
        self.init(patients: columns.int32(), samples: columns.int32(), successes: columns.int32())
    }

    package var isPossible: Bool { isPart(successes, of: samples) && isPart(patients, of: samples) }
}
