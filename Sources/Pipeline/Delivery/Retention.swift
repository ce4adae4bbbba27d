import Configuration
import Domain
import Foundation
import Reports

/// Which report files of a folder stay.
public enum Retention: Sendable, Equatable {
    /// So many days of each report, however far apart.
    case last(Int)
    /// Those of so many days up to the newest.
    case days(Int)

    private static let accepted = 1...100_000

    /// Reads `30`, the last 30, or `90d`, those of 90 days, in Latin, Persian or Arabic digits; `nil` for anything else.
    public init?(_ text: String) {
        let text = text.withPlainDigits
        let isDays = text.hasSuffix("d")
        guard let number = Int(isDays ? text.dropLast() : text[...]), Self.accepted.contains(number) else { return nil }
        self = isDays ? .days(number) : .last(number)
    }

    /// Deletes the older files of some reports, whatever their formats; no other file of the folder is touched.
    ///
    /// Days are counted from the newest file, and not by the clock, which may be wrong.
    ///
    /// - Returns: the files that are gone.
    /// - Throws: `UnwritableFile`.
    func apply(to reports: Set<String>, in folder: URL) throws -> [URL] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        } catch {
            throw UnwritableFile(path: folder.relativePath, reason: error.localizedDescription)
        }
        let files = names.compactMap(ReportFileName.init).filter { reports.contains($0.report) }
        var gone: [URL] = []
        for (_, files) in Dictionary(grouping: files, by: \.report) {
            let days = Set(files.map(\.asOf)).sorted(by: >)
            let kept: Set<Day> =
                switch self {
                case .last(let count): Set(days.prefix(count))
                case .days(let count): Set(days.filter { $0 > days[0] - count })
                }
            for file in files where !kept.contains(file.asOf) {
                let url = folder.appending(path: file.description)
                guard unlink(url.path) == 0 || errno == ENOENT else {
                    throw UnwritableFile(path: url.relativePath, reason: systemError)
                }
                gone.append(url)
            }
        }
        return gone.sorted { $0.path < $1.path }
    }
}
