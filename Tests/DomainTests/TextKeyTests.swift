import Domain
import Testing

/// Spellings of one name have one key.
struct TextKeyTests {
    @Test(
        arguments: [
            ("Saffron", "saffron"), ("SAFFRON", "saffron"), (" saffron\t", "saffron"),
            ("بي خوابي", "بی خوابی"), ("بی‌خوابی", "بی خوابی"), ("بی  \u{200C} خوابی", "بی خوابی"),
            ("كاسني", "کاسنی"), ("زَعفَران", "زعفران"), ("بـابـونه", "بابونه"), ("موسى", "موسی"),
            ("رحمٰن", "رحمن"), ("ﬁg leaf", "fig leaf"), ("ﺯﻋﻔﺮﺍﻥ", "زعفران"), ("a\u{00A0}b", "a b"),
            ("\u{200C}", ""), ("  ", ""), ("licorice | root", "licorice | root"),
        ])
    func keyOfSpelling(name: String, key: String) {
        #expect(TextKey(name).text == key)
    }

    @Test(arguments: ["", " ", "\u{200C}\u{00A0}", "\u{0640}", "\u{064B} ", "a", "\u{200C}گ"])
    func hasContentWhereTheKeyIsNotEmpty(name: String) {
        #expect(TextKey.hasContent(name) == !TextKey(name).text.isEmpty)
    }

    @Test func keyOfAKeyIsItself() {
        for name in ["گل‌گاوزبان", "سنبل  الطيب", "İstanbul", "ﬁg", "Ａｂ\u{064B}c"] {
            let key = TextKey(name).text
            #expect(TextKey(key).text == key)
        }
    }
}
