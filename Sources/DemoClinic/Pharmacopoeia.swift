import Domain

/// The herbs and conditions of the made-up clinic. What works for whom is invented.
struct Pharmacopoeia {
    struct Herb {
        let name: String
        /// Other ways in which staff write it.
        let otherSpellings: [String]
        /// Whether it is warm, which suits cold temperaments.
        let isWarm: Bool
    }

    struct Condition {
        let name: String
        let symptoms: [String]
        /// Positions of the herbs that are recommended for it, the usual first.
        let herbs: [Int]
        /// How often it is diagnosed, against the others.
        let weight: Int
    }

    static let herbs = [
        Herb(name: "زعفران", otherSpellings: ["زعفران "], isWarm: true),
        Herb(name: "گل گاوزبان", otherSpellings: ["گل‌گاوزبان"], isWarm: true),
        Herb(name: "سنبل‌الطیب", otherSpellings: ["سنبل الطیب", "سنبل الطيب"], isWarm: true),
        Herb(name: "بابونه", otherSpellings: ["بـابـونه"], isWarm: true),
        Herb(name: "اسطوخودوس", otherSpellings: [], isWarm: true),
        Herb(name: "بادرنجبویه", otherSpellings: ["بادرنجبويه"], isWarm: true),
        Herb(name: "زنجبیل", otherSpellings: ["زنجبيل"], isWarm: true),
        Herb(name: "زیره سبز", otherSpellings: ["زيره سبز", "زیره‌سبز"], isWarm: true),
        Herb(name: "رازیانه", otherSpellings: ["رازيانه"], isWarm: true),
        Herb(name: "نعناع", otherSpellings: [], isWarm: true),
        Herb(name: "آویشن", otherSpellings: ["آويشن"], isWarm: true),
        Herb(name: "شیرین‌بیان", otherSpellings: ["شیرین بیان", "شيرين بيان"], isWarm: true),
        Herb(name: "دارچین", otherSpellings: ["دارچين"], isWarm: true),
        Herb(name: "سیاه‌دانه", otherSpellings: ["سیاه دانه"], isWarm: true),
        Herb(name: "کاسنی", otherSpellings: ["كاسني"], isWarm: false),
        Herb(name: "خاکشیر", otherSpellings: ["خاكشير"], isWarm: false),
        Herb(name: "اسفرزه", otherSpellings: [], isWarm: false),
        Herb(name: "گل ختمی", otherSpellings: ["گل‌ختمی"], isWarm: false),
        Herb(name: "بنفشه", otherSpellings: [], isWarm: false),
        Herb(name: "گشنیز", otherSpellings: ["گشنيز"], isWarm: false),
        Herb(name: "شاه‌تره", otherSpellings: ["شاه تره"], isWarm: false),
        Herb(name: "گل سرخ", otherSpellings: ["گل‌سرخ"], isWarm: false),
        Herb(name: "عناب", otherSpellings: [], isWarm: false),
        Herb(name: "تخم شربتی", otherSpellings: ["تخم‌شربتی"], isWarm: false),
    ]

    private static let general = ["خستگی", "بی‌اشتهایی", "سرگیجه", "تپش قلب"]

    static let conditions = [
        Condition(
            name: "بی‌خوابی", symptoms: ["بیداری شبانه", "دیر به خواب رفتن", "خواب سبک", "کابوس"] + general,
            herbs: [2, 1, 4, 5, 18, 19, 0], weight: 16),
        Condition(
            name: "اضطراب", symptoms: ["دلشوره", "لرزش دست", "تنگی نفس", "بی‌قراری"] + general,
            herbs: [1, 5, 4, 0, 2, 21], weight: 15),
        Condition(
            name: "سردرد", symptoms: ["درد پیشانی", "حساسیت به نور", "سنگینی سر", "تهوع"] + general,
            herbs: [4, 3, 19, 18, 9, 6], weight: 12),
        Condition(
            name: "نفخ", symptoms: ["پری شکم", "آروغ", "درد شکم", "صدای شکم"] + general,
            herbs: [7, 8, 9, 6, 3, 12], weight: 12),
        Condition(
            name: "یبوست", symptoms: ["دفع سخت", "درد شکم", "پری شکم", "شقاق"] + general,
            herbs: [15, 16, 23, 17, 21], weight: 10),
        Condition(
            name: "سوء هاضمه", symptoms: ["سوزش معده", "ترش کردن", "درد معده", "تهوع"] + general,
            herbs: [11, 8, 6, 9, 7, 12], weight: 10),
        Condition(
            name: "سرفه", symptoms: ["خلط", "گلودرد", "تنگی نفس", "گرفتگی صدا"] + general,
            herbs: [10, 17, 11, 22, 13, 18], weight: 8),
        Condition(
            name: "افسردگی خفیف", symptoms: ["غمگینی", "بی‌انگیزگی", "کم‌خوابی", "گوشه‌گیری"] + general,
            herbs: [0, 1, 5, 4], weight: 6),
        Condition(
            name: "جوش صورت", symptoms: ["التهاب پوست", "چربی پوست", "خارش", "قرمزی"] + general,
            herbs: [20, 14, 22, 15], weight: 5),
        Condition(
            name: "درد مفاصل", symptoms: ["خشکی صبحگاهی", "تورم", "درد زانو", "محدودیت حرکت"] + general,
            herbs: [6, 13, 12, 4], weight: 3),
        Condition(
            name: "قاعدگی دردناک", symptoms: ["درد زیر شکم", "کمردرد", "تهوع", "تحریک‌پذیری"] + general,
            herbs: [8, 3, 12, 7], weight: 2),
        Condition(
            name: "کبد چرب", symptoms: ["سنگینی پهلو", "نفخ", "زردی", "خارش"] + general,
            herbs: [14, 20, 13, 12], weight: 1),
    ]

    static let sideEffects = ["تهوع", "خواب‌آلودگی", "سوزش معده", "سردرد", "خشکی دهان", "اسهال", "خارش"]
    static let comments = [
        "خیلی بهتر شدم", "تأثیر چندانی نداشت", "طعم آن تلخ بود", "بعد از یک هفته اثر کرد", "شب‌ها راحت‌تر می‌خوابم",
        "مصرفش سخت بود، ولی اثر داشت", "better after a week", "گفتند \"صبر کن\"، صبر کردم",
        "دو هفته مصرف شد؛ نتیجه متوسط",
    ]

    /// The probability that a herb succeeds for a condition in a patient of a mizaj.
    ///
    /// - Parameter daysToEnd: days from the feedback to the last day; some treatments change in the last month.
    static func successRate(herb: Int, condition: Int, mizaj: Mizaj, daysToEnd: Int) -> Double {
        // A spread of treatments from poor to good that is the same for every seed.
        var mixer = SeededGenerator(seed: UInt64(herb * 64 + condition))
        let rank = conditions[condition].herbs.firstIndex(of: herb) ?? 6
        var rate = 0.74 - 0.05 * Double(rank) + 0.2 * (mixer.fraction() - 0.5)
        switch mizaj {
        case .sardTar, .sardKhoshk: rate += herbs[herb].isWarm ? 0.14 : -0.14
        case .garmTar, .garmKhoshk: rate += herbs[herb].isWarm ? -0.12 : 0.14
        case .motadel: break
        }
        if let change = changes[herb * 64 + condition] {
            rate += daysToEnd < 30 ? change.lately : change.before
        }
        return min(0.96, max(0.06, rate))
    }

    /// Treatments that improve or decline in the last month, by herb and condition.
    private static let changes: [Int: (before: Double, lately: Double)] = [
        2 * 64 + 0: (-0.35, 0.20), 7 * 64 + 3: (-0.30, 0.20), 10 * 64 + 6: (-0.20, 0.15),  // a better harvest
        1 * 64 + 1: (0.10, -0.45), 4 * 64 + 2: (0.05, -0.45), 15 * 64 + 4: (0, -0.30),  // a bad batch
    ]
}
