// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "avicenna",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .executable(name: "avicenna", targets: ["avicenna"]),
        .library(name: "AvicennaClient", targets: ["AvicennaClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .target(name: "Domain", swiftSettings: strict),
        .target(name: "Statistics", dependencies: ["Domain"], swiftSettings: strict),
        .target(name: "Concurrency", swiftSettings: strict),
        .target(
            name: "Configuration",
            dependencies: [
                "Domain",
                // The module of swift-configuration would otherwise have the name of this one.
                .product(
                    name: "Configuration", package: "swift-configuration",
                    moduleAliases: ["Configuration": "SwiftConfiguration"]),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(name: "Analytics", dependencies: ["Domain", "Statistics"], swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: [
                "Domain", "Statistics", "Concurrency", "Configuration",
                .product(name: "Crypto", package: "swift-crypto"), "CZlib",
            ],
            swiftSettings: strict),
        .target(
            name: "StoreSQLite",
            dependencies: [
                "Domain", "Statistics", "Concurrency", "Configuration", "Store",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CXLSXWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
        .systemLibrary(name: "CPangoCairo", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "Reports",
            dependencies: [
                "Domain", "Statistics", "Configuration", "Store", "CXLSXWriter", "CPangoCairo", "CZip",
            ],
            // Into the code, so that the binary needs no files beside it.
            resources: ["en", "fa", "ar"].map { .embedInCode("Resources/\($0).yaml") },
            swiftSettings: strict),
        .target(name: "Mail", dependencies: ["Domain", "Configuration", "CCurl"], swiftSettings: strict),
        .target(
            name: "Access",
            dependencies: ["Domain", "Configuration", "Store", .product(name: "JWTKit", package: "jwt-kit")],
            swiftSettings: strict),
        .target(
            name: "Pipeline",
            dependencies: [
                "Domain", "Statistics", "Concurrency", "Configuration", "Analytics", "Store", "Reports", "Mail",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "Relay",
            dependencies: [
                "Domain", "Statistics", "Concurrency", "Configuration", "Store", "Access",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                "Domain", "Statistics", "Concurrency", "Configuration", "Analytics", "Store", "Access", "Pipeline",
                "Reports", "Relay",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "AvicennaClient",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(name: "DemoClinic", dependencies: ["Domain", "Configuration"], swiftSettings: strict),
        .executableTarget(
            name: "avicenna",
            dependencies: [
                "Domain", "Configuration", "Store", "StoreSQLite", "Access", "Reports", "Pipeline", "Web",
                "AvicennaClient", "DemoClinic",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Analytics", "AvicennaClient", "DemoClinic", "Domain", "ReportReference", "Statistics", "Store",
                "StoreSQLite", "TestSupport",
            ],
            path: "Benchmarks", exclude: ["ReportReference", "wsload", "api.lua", "aggregations.py", "speed.svg"],
            swiftSettings: strict),
        .executableTarget(name: "wsload", path: "Benchmarks/wsload"),
        .target(
            name: "ReportReference", dependencies: ["CXLSXWriter", "CPangoCairo"], path: "Benchmarks/ReportReference"),
        .target(
            name: "TestSupport",
            dependencies: [
                "Domain", "Store", "StoreSQLite", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport",
            exclude: ["Servers"], swiftSettings: strict),
        .testTarget(name: "DomainTests", dependencies: ["Domain", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "StatisticsTests", dependencies: ["Statistics", "TestSupport"],
            exclude: ["ReleasedFigures/released_figures.csv", "ReleasedFigures/released_figures.py"],
            swiftSettings: strict),
        .testTarget(name: "ConcurrencyTests", dependencies: ["Concurrency", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Configuration", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "AnalyticsTests", dependencies: ["Analytics", "Statistics", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Store", "StoreSQLite", "Statistics", "Analytics", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["Reports", "Statistics", "Analytics", "Store", "StoreSQLite", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "MailTests", dependencies: ["Mail", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "AccessTests", dependencies: ["Access", "Store", "StoreSQLite", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "PipelineTests",
            dependencies: ["Pipeline", "Analytics", "Reports", "Store", "StoreSQLite", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "RelayTests",
            dependencies: [
                "Relay", "Access", "Statistics", "Store", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Web", "Access", "Pipeline", "Relay", "Statistics", "Store", "StoreSQLite", "TestSupport",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AvicennaClientTests", dependencies: ["avicenna", "AvicennaClient", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DemoClinicTests",
            dependencies: [
                "DemoClinic", "Store", "StoreSQLite", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["avicenna", "StoreSQLite", "TestSupport"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
