public import ArgumentParser
public import Domain
public import Reports

extension TypedDay: ExpressibleByArgument {
    /// Takes any text: whether it is a day depends on the settings, and is checked where they are known.
    public init?(argument: String) {
        self.init(argument)
    }

    /// As it was typed.
    public var defaultValueDescription: String { text }
}

extension Source: ExpressibleByArgument {}
