using Coco.Cluster.Certificates;
using Coco.Cluster.Members;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Members;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Tests.Attacks;

/// <summary>A peer whose frames are made by hand.</summary>
internal sealed class HostileMember(AttackScene scene, MemberKeys keys, ReadOnlyMemory<byte> certificate)
{
    public NodeId Id => keys.Node.Id;

    public MemberKeys Keys => keys;

    public ReadOnlyMemory<byte> Certificate => certificate;

    /// <summary>Connects, and shows a certificate: its own, unless another is given.</summary>
    public void Connect(SimulatedNode victim, ReadOnlyMemory<byte>? shown = null)
    {
        victim.Running.HandleConnected(Id, TimeSpan.FromMilliseconds(40), scene.World.Now);
        if (!(shown ?? certificate).IsEmpty) { Say(victim, MeshFrameType.Certificates, WithLength((shown ?? certificate).Span)); }
        scene.World.Drain(victim);
    }

    public void Say(SimulatedNode victim, MeshFrameType type, ReadOnlySpan<byte> body)
    {
        victim.Running.HandleFrames(Id, Frame(type, body), scene.World.Now);
        scene.World.Drain(victim);
    }

    public void Tell(SimulatedNode victim, params ReadOnlySpan<Statement> statements)
    {
        foreach (var statement in statements) { Tell(victim, statement.Encoded.Span); }
    }

    public void Tell(SimulatedNode victim, ReadOnlySpan<byte> statement) => Say(victim, MeshFrameType.Statements, [0, 0, .. WithLength(statement)]);

    public void Push(SimulatedNode victim, NodeCertificate certificate) => Say(victim, MeshFrameType.Certificates, WithLength(certificate.Encoded.Span));

    /// <summary>Whether the victim has ended a connection with it.</summary>
    public bool IsLetGo(SimulatedNode victim, MemberDisconnect reason) => victim.Dismissed.Contains((Id, reason));

    /// <summary>The certificate that somebody in an office, or in none, signs for a node.</summary>
    public static NodeCertificate Sign(IdentityKey issuer, StatementId authority, NetworkId network, MemberKeys of, Func<NodeAdmission, NodeAdmission>? change = null)
    {
        var admission = new NodeAdmission
        {
            Network = network, Node = of.Node.Id, Name = "sybil", User = of.UserId, App = new("chat"), SubCluster = new("chat"),
            Issued = 1_800_000_000, Consent = NodeCertificate.Consent(of.User, network, of.Node.Id),
        };
        return NodeCertificate.Sign(issuer, authority, change?.Invoke(admission) ?? admission);
    }

    public static byte[] Frame(MeshFrameType type, ReadOnlySpan<byte> body)
    {
        var frame = new byte[16 + body.Length];
        var writer = new SpanWriter(frame);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        return frame[..writer.Position];
    }

    public static byte[] WithLength(ReadOnlySpan<byte> bytes)
    {
        var all = new byte[8 + bytes.Length];
        var writer = new SpanWriter(all);
        writer.WriteVarInt((ulong)bytes.Length);
        writer.WriteBytes(bytes);
        return all[..writer.Position];
    }
}
