import Domain
import Testing

/// Spellings of one name have one key.
@Suite(.timeLimit(.minutes(30))) struct TextKeyTests {
    @Test(
        arguments: [
            ("Saffron", "saffron"), ("SAFFRON", "saffron"), (" saffron\t", "saffron"),
            ("بي خوابي", "بی خوابی"), ("بی‌خوابی", "بی خوابی"), ("بی  \u{200C} خوابی", "بی خوابی"),
            ("كاسني", "کاسنی"), ("زَعفَران", "زعفران"), ("بـابـونه", "بابونه"), ("موسى", "موسی"),
            ("رحمٰن", "رحمن"), ("ﬁg leaf", "fig leaf"), ("ﺯﻋﻔﺮﺍﻥ", "زعفران"), ("a\u{00A0}b", "a b"),
            ("\u{200C}", ""), ("  ", ""), ("licorice | root", "licorice | root"),
            ("قهوة", "قهوه"), ("ۀ", "ه"), ("هٔ", "ه"), ("ھ ہ ە", "ه ه ه"), ("ڪندر", "کندر"), ("أإٱ", "ااا"),
            ("آب", "آب"),
            ("مؤمن", "مومن"), ("رئیس", "رییس"), ("ې ۍ", "ی ی"), ("D۳ ١٠٠٠", "d3 1000"), ("ΟΔΟΣ", "οδος"),
            ("ΣΑΣ Σ", "σας σ"),
            ("\u{FFFD}", "\u{FFFD}"), ("گل\u{200B}گاوزبان", "گل گاوزبان"), ("\u{3164}", ""),
        ])
    func keyOfSpelling(name: String, key: String) {
        #expect(TextKey(name).text == key)
    }

    /// Characters that cannot be seen.
    static let invisible: [Unicode.Scalar] = [
        "\u{200E}", "\u{200F}", "\u{061C}", "\u{FEFF}", "\u{2060}", "\u{00AD}", "\u{200D}", "\u{202A}", "\u{202B}",
        "\u{202D}",
        "\u{202E}", "\u{202C}", "\u{2066}", "\u{2067}", "\u{2068}", "\u{2069}", "\u{034F}", "\u{180E}", "\u{FE0F}",
        "\u{E0001}",
    ]

    @Test("an invisible character changes neither key nor displayed name, wherever it is", arguments: invisible)
    func invisibleCharacter(_ scalar: Unicode.Scalar) {
        let name = "گل‌گاوزبان"
        for position in 0...name.unicodeScalars.count {
            var scalars = Array(name.unicodeScalars)
            scalars.insert(scalar, at: position)
            let marked = String(String.UnicodeScalarView(scalars))
            #expect(TextKey(marked) == TextKey(name))
            #expect(marked.displayedName == name)
        }
        #expect(TextKey("\(scalar)\(name)\(scalar)") == TextKey(name))
        #expect(!TextKey.hasContent("\(scalar)"))
        #expect("\(scalar)۴\(scalar)".withPlainDigits == "4")
    }

    @Test(
        "displays a name without white space and half-spaces at its ends",
        arguments: [
            ("\u{200C} زعفران\u{200C}", "زعفران"), ("a\u{200B}b", "a b"), ("گل‌گاو", "گل‌گاو"),
            ("\u{200B}a\u{200B}", "a"),
            ("a|b\\c", "a|b\\c"), ("\t a \n", "a"),
        ])
    func displayedName(_ name: String, _ displayed: String) { #expect(name.displayedName == displayed) }

    @Test(
        "finds the characters that no name may have",
        arguments: [0xFFFE, 0xFFFF, 0xFDD0, 0xFDEF, 0x1FFFE, 0x10FFFF, 0, 0x1B, 0x0D, 0x7F, 0x85, 0x9F] as [UInt32])
    func forbidden(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect("a\(scalar)b".forbiddenInName == scalar)
        #expect("a\(scalar)b".forbiddenInComment == (scalar == "\r" ? nil : scalar))
        #expect("a\tb\n\u{FDCF}\u{FDF0}\u{FFFD}\u{A0}".forbiddenInName == nil)
        #expect("a\(scalar)b".withoutNoncharacters == (scalar.isNoncharacter ? "a\u{FFFD}b" : "a\(scalar)b"))
    }

    @Test(arguments: [
        "", " ", "\u{200C}\u{00A0}", "\u{0640}", "\u{064B} ", "a", "\u{200C}گ", "\u{200E}", "\u{AD}x", "\u{065F}",
    ])
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
