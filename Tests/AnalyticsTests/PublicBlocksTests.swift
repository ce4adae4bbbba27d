import Analytics
import Domain
import Store
import TestSupport
import Testing

/// What anybody may see is a sum of blocks of which each is of enough patients.
struct PublicBlocksTests {
    private let today = day("2026-10-20")
    private let success = Rating.defaultSuccess

    private func blocks(
        of clinic: TestClinic, beside known: [PublicBlock] = [], fewest: Int = 11, asOf: Day? = nil
    ) throws -> [PublicBlock] {
        newPublicBlocks(
            of: LinkedClinic(try clinic.columns(asOf: asOf ?? today)), upTo: asOf ?? today,
            beside: PublicRelease.byTreatment(known),
            fewest: fewest,
            successRating: success)
    }

    /// Those of a database, which knows what was written when.
    private func blocks(of database: any Database, beside known: [PublicBlock] = []) throws -> [PublicBlock] {
        newPublicBlocks(
            of: LinkedClinic(try database.clinic(asOf: today, in: .utc)), upTo: today,
            beside: PublicRelease.byTreatment(known),
            fewest: 11, successRating: success)
    }

    /// Patients who each rate saffron for insomnia once, on a day.
    private func clinic(_ ratings: [Int], on day: Day? = nil) -> TestClinic {
        var clinic = TestClinic()
        for rating in ratings { rate(rating, in: &clinic, on: day ?? today) }
        return clinic
    }

    private func rate(_ rating: Int, in clinic: inout TestClinic, on day: Day) {
        let patient = clinic.patient()
        clinic.rate(clinic.recommendation("saffron", for: "insomnia", to: patient, on: day), rating, on: day)
    }

    private static let ratings: [(successes: Int, failures: Int, told: Int)] = [
        (10, 0, 0), (11, 0, 11), (0, 11, 11), (11, 1, 0), (10, 11, 0), (11, 10, 0), (11, 11, 22),
    ]

    @Test(arguments: ratings.indices) func fewAreWithheldAndSoIsWhatIsLeftOfMany(_ index: Int) throws {
        let (successes, failures, told) = Self.ratings[index]
        let ratings = [5].repeated(successes) + [1].repeated(failures)
        #expect(try blocks(of: clinic(ratings)).reduce(0) { $0 + Int($1.tally.samples) } == told)
    }

    @Test func casesOfFewPatientsAreWithheldHoweverManyTheyAre() throws {
        var clinic = TestClinic()
        for _ in 0..<10 {
            let patient = clinic.patient()
            for _ in 0..<5 {
                clinic.rate(clinic.recommendation("saffron", for: "insomnia", to: patient, on: today), 5, on: today)
            }
        }
        #expect(try blocks(of: clinic).isEmpty)
    }

    @Test func aBlockEndsWithADay() throws {
        var clinic = clinic([5].repeated(11), on: today - 2)
        for _ in 0..<3 { rate(5, in: &clinic, on: today - 2) }
        for _ in 0..<12 { rate(5, in: &clinic, on: today - 1) }
        let blocks = try blocks(of: clinic)
        #expect(blocks.map(\.tally.samples) == [14, 12])
        #expect(blocks.map(\.days) == [today - 2...today - 2, today - 1...today - 1])
    }

    @Test func whatIsReleasedIsNotReleasedAgain() throws {
        var clinic = clinic([5].repeated(15))
        let first = try blocks(of: clinic)
        #expect(try blocks(of: clinic, beside: first).isEmpty)
        for _ in 0..<10 { rate(5, in: &clinic, on: today) }
        // The columns of a test are all of one import, in which cases of a released day count as released.
        #expect(try blocks(of: clinic, beside: first).isEmpty)
    }

    @Test func whatFewSaidBesideTheirRatingIsLeftOut() throws {
        var clinic = clinic([5].repeated(20))
        for position in clinic.feedback.indices {
            clinic.feedback[position].improvement = position < 10 ? Rating(4) : nil
            clinic.feedback[position].compliance = Compliance(0.5)
        }
        let tally = try #require(try blocks(of: clinic).first?.tally)
        #expect(tally.improvements == 0 && tally.improvementSum == 0)
        #expect(tally.compliances == 20)
    }

    @Test func whatWasLeftOutStaysSoWhenEnoughChangeTheirMind() throws {
        let folder = try TemporaryFolder()
        let database = try openDatabase(at: folder.path("clinic.db"), create: true)
        var clinic = clinic([5].repeated(15) + [1].repeated(15))
        for position in 0..<5 { clinic.feedback[position].improvement = Rating(4) }
        try clinic.write(to: database)
        let first = try blocks(of: database)
        #expect(first.map(\.tally.improvements) == [0])
        func rate(_ positions: Range<Int>, _ rating: Int) throws {
            for position in positions { clinic.feedback[position].rating = Rating(rating) ?? .defaultSuccess }
            try clinic.write(to: database)
        }
        // Eleven who failed find that it worked after all: four would be left.
        try rate(15..<26, 5)
        #expect(try blocks(of: database, beside: first).isEmpty)
        // Once all do, it is told.
        try rate(26..<30, 5)
        let second = try blocks(of: database, beside: first)
        #expect(second.map(\.content) == [.edits])
        #expect(second.map(\.tally.successes) == [15])
        #expect(second.map(\.tally.samples) == [0])
        #expect(second.map(\.tally.improvements) == [0])
        #expect(try blocks(of: database, beside: first + second).isEmpty)
        // Ten more who change their mind wait for others.
        try rate(0..<10, 1)
        #expect(try blocks(of: database, beside: first + second).isEmpty)
    }

    @Test func whereFewWouldBeLeftAWithdrawalWaits() throws {
        let folder = try TemporaryFolder()
        let database = try openDatabase(at: folder.path("clinic.db"), create: true)
        var clinic = clinic([5].repeated(30))
        try clinic.write(to: database)
        let first = try blocks(of: database)
        for (withdrawn, told) in [(10, 0), (19, 19), (20, 0), (29, 0), (30, 30)] {
            for position in 0..<withdrawn {
                clinic.feedback[position].deletedAt = clinic.feedback[position].createdAt
            }
            try clinic.write(to: database)
            #expect(
                try blocks(of: database, beside: first).map(\.tally.samples) == (told == 0 ? [] : [-Int32(told)]),
                "\(withdrawn) withdrawn")
        }
    }

    @Test(arguments: 1...50) func onlyWhatABlockHasAsItIsNowIsSettled(_ seed: Int) {
        var random = TestRandom(seed)
        let treatment = Subject.treatment(herb: TermID(rawValue: 1), condition: TermID(rawValue: 2))
        var release = PublicRelease()
        var (lastDay, lastImport) = (today - 30, Int64(3))
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            lastDay = lastDay + Int.random(in: 1...4, using: &random)
            lastImport += Int64.random(in: 0...2, using: &random)
            let contents: [PublicBlock.Content] = [.cases(lastDay - 1...lastDay), .edits, .withdrawals]
            for content in contents where content == contents[0] || Bool.random(using: &random) {
                release.add(
                    PublicBlock(treatment: treatment, content: content, lastImport: lastImport, tally: Tally()))
            }
        }
        for day in stride(from: 35, through: -10, by: -1).map({ today - $0 }) {
            for last in 1...lastImport + 2 {
                let isSettled = release.isSettled(on: day, lastImport: last)
                for first in 1...last where isSettled {
                    let seen = release.importSeen(of: day, firstImport: first, isWithdrawn: false)
                    #expect(seen.map { last <= $0 } == true, "\(day) \(first) \(last)")
                }
                if last <= 3, day <= lastDay { #expect(isSettled) }
            }
        }
    }

    @Test func aRunOfAnEarlierDayReleasesNothingOfWhatCameLater() throws {
        let clinic = clinic([5].repeated(30), on: today - 3)
        let first = try blocks(of: clinic)
        #expect(try blocks(of: clinic, beside: first, asOf: today - 5).isEmpty)
    }
}

extension Array {
    fileprivate func repeated(_ count: Int) -> Self { Array(repeatElement(self, count: count).joined()) }
}
