using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Coco.Architecture.Tests;

/// <summary>
/// Lists what a core must not touch, from the compiled assembly. The analyzer (BannedSymbols.Core.txt) says it while one types;
/// this also sees what a suppression, generated code or a P/Invoke would hide from it.
/// </summary>
internal static class ForbiddenReferences
{
    private static readonly string[] Namespaces =
    [
        "System.IO", "System.IO.*", "System.Net", "System.Net.*", "System.Threading", "System.Threading.*", "System.Timers",
    ];

    private static readonly string[] Types =
    [
        "System.TimeProvider", "System.Random", "System.Console", "System.Diagnostics.Process", "System.Diagnostics.Stopwatch",
        "System.Security.Cryptography.RandomNumberGenerator",
    ];

    private static readonly string[] Members =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.Environment.get_TickCount", "System.Environment.get_TickCount64",
        "System.Guid.NewGuid", "System.Guid.CreateVersion7",
        "Coco.Crypto.RandomSource.get_System", // randomness is handed in
    ];

    public static IReadOnlyList<string> In(string file)
    {
        using var assembly = new PEReader(File.OpenRead(file));
        var metadata = assembly.GetMetadataReader();
        var types = metadata.TypeReferences
            .Select(handle => FullName(metadata, handle))
            .Where(name => Types.Contains(name, StringComparer.Ordinal) || Array.Exists(Namespaces, pattern => IsInside(name, pattern)));
        var members = metadata.MemberReferences
            .Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind is HandleKind.TypeReference)
            .Select(member => $"{FullName(metadata, (TypeReferenceHandle)member.Parent)}.{metadata.GetString(member.Name)}")
            .Where(name => Members.Contains(name, StringComparer.Ordinal));
        var native = metadata.MethodDefinitions
            .Select(metadata.GetMethodDefinition)
            .Where(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
            .Select(method => $"P/Invoke {metadata.GetString(method.GetImport().Name)}");
        return [.. types.Concat(members).Concat(native).Distinct()];
    }

    private static string FullName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind is HandleKind.TypeReference // nested
            ? $"{FullName(metadata, (TypeReferenceHandle)type.ResolutionScope)}.{metadata.GetString(type.Name)}"
            : $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    private static bool IsInside(string type, string pattern)
    {
        if (pattern.EndsWith('*')) { return type.StartsWith(pattern[..^1], StringComparison.Ordinal); }

        var dot = type.LastIndexOf('.');
        return dot > 0 && type.AsSpan(0, dot).SequenceEqual(pattern);
    }
}
