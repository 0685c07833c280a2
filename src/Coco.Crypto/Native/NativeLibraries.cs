using System.Reflection;
using System.Runtime.InteropServices;

namespace Coco.Crypto.Native;

/// <summary>
/// Finds the two native libraries under the names systems give them; packages without "-dev" ship only the versioned name.
/// </summary>
internal static class NativeLibraries
{
    public const string Sodium = "sodium";
    public const string Crypto = "crypto";

    private static readonly string[] SodiumNames =
    [
        "libsodium.so.23", "libsodium.so.26", "libsodium.so",
        "libsodium.dylib", "/opt/homebrew/lib/libsodium.dylib", "/usr/local/lib/libsodium.dylib",
        "libsodium.dll",
    ];

    // Only the library the platform's own classes already have open on Linux: no second copy of OpenSSL enters the process.
    private static readonly string[] CryptoNames = ["libcrypto.so.3"];

    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Whether the library can be loaded. Calling this first is what installs the resolver.</summary>
    public static bool IsPresent(string name) => Resolve(name, typeof(NativeLibraries).Assembly, null) != 0;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        foreach (var candidate in name switch { Sodium => SodiumNames, Crypto => CryptoNames, _ => [] })
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle)) { return handle; }
        }
        return 0;
    }
}
