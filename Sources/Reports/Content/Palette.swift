/// The colours of reports, after Okabe and Ito: apart for colour-blind readers, and of different lightness in grey.
struct Palette: Equatable {
    /// Red, green and blue, one byte each.
    let rgb: UInt32

    static let ink = Palette(rgb: 0x1A1A1A)
    static let grey = Palette(rgb: 0x767676)
    static let line = Palette(rgb: 0xD0D4DA)
    static let band = Palette(rgb: 0xF3F5F8)
    static let paper = Palette(rgb: 0xFFFFFF)
    static let navy = Palette(rgb: 0x1F3A5F)
    /// Values, and what improves.
    static let blue = Palette(rgb: 0x0072B2)
    /// Values on few samples.
    static let paleBlue = Palette(rgb: 0xA9CCE3)
    /// What declines.
    static let vermilion = Palette(rgb: 0xB34700)

    /// From white at 0 to navy at 1, ever darker, so that it can be read in grey.
    static func heat(_ share: Double) -> Palette {
        let share = min(max(share, 0), 1)
        func mix(_ light: UInt32, _ dark: UInt32) -> UInt32 {
            UInt32((Double(light) + (Double(dark) - Double(light)) * share).rounded())
        }
        return Palette(rgb: mix(0xF2, 0x10) << 16 | mix(0xF6, 0x3C) << 8 | mix(0xFA, 0x6E))
    }

    /// Red, green and blue, each 0…1.
    var components: (red: Double, green: Double, blue: Double) {
        (Double(rgb >> 16 & 0xFF) / 255, Double(rgb >> 8 & 0xFF) / 255, Double(rgb & 0xFF) / 255)
    }
}
