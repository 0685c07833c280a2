using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Members;

/// <summary>
/// The statements a newcomer begins with: all there are, or first those of a package and then the rest. They count if they begin at the root
/// the ticket names.
/// </summary>
internal sealed class WelcomeStatements(MembershipOptions options) : IWelcomeVerifier
{
    public bool Verify(NetworkId network, NodeId node, ReadOnlyMemory<byte> certificate, IReadOnlyList<ReadOnlyMemory<byte>> statements)
    {
        if (NodeCertificate.Read(certificate.Span) is not { } read || read.Node != node) { return false; }
        var log = Load(network, statements, options);
        // What time it is a newcomer does not know.
        return log.State.Check(read, bestTime: 0) is CertificateVerdict.Valid;
    }

    public static MembershipLog Load(NetworkId network, IReadOnlyList<ReadOnlyMemory<byte>> statements, MembershipOptions options)
    {
        var log = new MembershipLog(network, options);
        Install(log, statements);
        foreach (var statement in statements) { log.Add(statement.Span); }
        return log;
    }

    /// <summary>Has an empty log begin with the package that is at the beginning of a list.</summary>
    /// <returns>How many statements that are; 0 where the list begins with no package.</returns>
    public static int Install(MembershipLog log, IReadOnlyList<ReadOnlyMemory<byte>> statements) =>
        PackageIn(log.Network, statements, out var count) is { } package && log.TryInstall(package) ? count : 0;

    /// <summary>The statements in a package, in their order.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Unpack(ReadOnlyMemory<byte> package)
    {
        var statements = new List<ReadOnlyMemory<byte>>();
        var reader = new SpanReader(package.Span);
        reader.TryReadVarInt(out _);
        while (reader.TryReadVarIntBytes(out var statement)) { statements.Add(statement.ToArray()); }
        return statements;
    }

    // From the first to the last of the first parts of a snapshot in a row; whether it is a package is for the log to say.
    private static byte[]? PackageIn(NetworkId network, IReadOnlyList<ReadOnlyMemory<byte>> statements, out int count)
    {
        var last = -1;
        for (var i = 0; i < statements.Count; i++)
        {
            var isPart = Statement.Read(statements[i].Span, network, out _) is { Body: StatementBody.SnapshotPart };
            if (isPart) { last = i; }
            else if (last >= 0) { break; }
        }
        count = last + 1;
        if (last < 0) { return null; }
        var package = new byte[VarInt.MaxLength + statements.Take(last + 1).Sum(static statement => VarInt.MaxLength + statement.Length)];
        var writer = new SpanWriter(package);
        writer.WriteVarInt((ulong)last + 1);
        for (var i = 0; i <= last; i++) { writer.WriteLengthBytes(statements[i].Span); }
        return package[..writer.Position];
    }
}
