using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.Crypto;

namespace Coco.ControlPlane.Networks;

/// <summary>Reads what callers send of networks, and writes it as they get it.</summary>
internal static class NetworkText
{
    private const ulong MaxUnixSeconds = 253_402_300_799; // the end of the year 9999, of DateTimeOffset

    /// <summary>The whole name of a statement or certificate, 64 hexadecimal digits.</summary>
    public static string Of(StatementId id)
    {
        Span<byte> bytes = stackalloc byte[StatementId.Size];
        id.CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public static bool TryRead(string text, out StatementId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[StatementId.Size];
        if (text.Length != 2 * StatementId.Size || text.Any(char.IsAsciiLetterUpper)) { return false; }
        if (Convert.FromHexString(text, bytes, out _, out var written) is not System.Buffers.OperationStatus.Done || written != bytes.Length) { return false; }
        id = StatementId.Read(bytes);
        return true;
    }

    /// <summary>The network of a path, which Authorisation has let the caller see.</summary>
    public static NetworkId Network(string text) => NetworkId.TryParse(text, out var id) ? id : throw ApiException.NotFound("network");

    public static NodeId Node(string text) => NodeId.TryParse(text, out var id) ? id : throw ApiException.NotFound("node");

    public static UserId User(string text) => UserId.TryParse(text, out var id) ? id : throw ApiException.NotFound("user");

    public static StatementId Given(string text, string what) => TryRead(text, out var id) ? id : throw ApiException.NotFound(what);

    public static byte[] Bytes([NotNull] string? text, int most, string what)
    {
        if (string.IsNullOrEmpty(text)) { throw new ApiException(ProblemCode.StatementMissing, $"There is no {what}: this control plane signs nothing for its callers."); }
        // No allocation for what is too long anyhow.
        return text.Length <= (most * 4 / 3) + 4 && Base64Url.IsValid(text)
            ? Base64Url.DecodeFromChars(text)
            : throw new ApiException(ProblemCode.StatementRefused, $"Malformed: the {what} is no base64url of at most {most} bytes.");
    }

    /// <summary>Reads a statement and verifies its signature.</summary>
    public static Statement Statement(string? text, NetworkId network)
    {
        var bytes = Bytes(text, Cluster.Statements.Statement.MaxLength, "signed statement");
        return Cluster.Statements.Statement.Read(bytes, network, out var refusal)
            ?? throw new ApiException(ProblemCode.StatementRefused, $"{refusal}: this is no statement of network {network}.");
    }

    /// <summary>Reads a certificate and verifies its signatures.</summary>
    public static NodeCertificate Certificate(string? text) =>
        NodeCertificate.Read(Bytes(text, NodeCertificate.MaxLength, "signed certificate"))
        ?? throw new ApiException(ProblemCode.StatementRefused, "Unreadable: this is no certificate, or the issuer or the user it names did not sign it.");

    /// <summary>A time of statements; null for 0, which is none, and for one that nobody lives to see.</summary>
    public static DateTimeOffset? Time(ulong unixSeconds) => unixSeconds is 0 or > MaxUnixSeconds ? null : DateTimeOffset.FromUnixTimeSeconds((long)unixSeconds);

    public static string Camel(Enum value)
    {
        var text = value.ToString();
        return char.ToLowerInvariant(text[0]) + text[1..];
    }
}
