public import ArgumentParser
public import Domain
public import Reports

extension Day: ExpressibleByArgument {
    /// A day as users type it: `2026-10-20`.
    public init?(argument: String) {
        self.init(argument)
    }
}

extension Source: ExpressibleByArgument {}
