using System.Net;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Tests.Networks;

/// <summary>A bare endpoint that has keys, and perhaps a genuine certificate, and speaks frames made by hand.</summary>
internal sealed class HostileNode : IAsyncDisposable
{
    private readonly Endpoint _endpoint;
    private readonly TestNetwork _network;

    private HostileNode(TestNetwork network, Endpoint endpoint, MemberKeys keys) => (_network, _endpoint, Keys) = (network, endpoint, keys);

    public MemberKeys Keys { get; }

    public NodeId Id => Keys.Node.Id;

    /// <summary>What the owner gave it; null for a stranger.</summary>
    public AdmissionInformation? Admission { get; private set; }

    public MembershipLog Log => WelcomeStatements.Load(Admission!.Network, Admission.Statements, new());

    /// <summary>A stranger; or somebody the owner lets in.</summary>
    public static async Task<HostileNode> StartAsync(TestNetwork network, Node? owner = null)
    {
        var keys = MemberKeys.Generate(RandomSource.System);
        var endpoint = await Endpoint.StartAsync(new() { Identities = [keys.Node], ListenAddresses = [new(IPAddress.Loopback, 0)] }, network.Patience);
        var hostile = network.Own(new HostileNode(network, endpoint, keys));
        if (owner is null) { return hostile; }
        var wish = new JoinWish(keys.UserId, NodeCertificate.Consent(keys.User, owner.Network, keys.Node.Id), "mallory", new("org.example.chat"), false, false);
        var text = await owner.AdmitAsync(NodeInformation.Export(keys.Node, owner.Network, wish, null), cancellationToken: network.Patience);
        Assert.True(AdmissionInformation.TryImport(text, hostile.Id, out var admission));
        hostile.Admission = admission;
        return hostile;
    }

    public Task<Connection> CallAsync(Node victim) => _endpoint.ConnectAsync(victim.Id, ConnectHints.At(victim.Host.LocalEndPoints[0]), _network.Patience);

    /// <summary>Opens the stream of the mesh, and shows the certificate.</summary>
    public async Task<ConnectionStream> OpenMeshAsync(Connection connection)
    {
        var mesh = await OpenAsync(connection, StreamKind.Mesh);
        if (Admission is not { } admission) { return mesh; }
        try { await SayAsync(mesh, MeshFrameType.Certificates, WithLength(admission.Certificate.Span)); }
        catch (TransportException) { } // it may be turned away before it has shown anything, which the tests see by how the connection has ended
        return mesh;
    }

    public async Task<ConnectionStream> OpenAsync(Connection connection, StreamKind kind)
    {
        var stream = _network.Own(await connection.OpenStreamAsync(cancellationToken: _network.Patience));
        await stream.WriteAsync(StreamHeader.Of(kind), _network.Patience);
        return stream;
    }

    public async Task SayAsync(ConnectionStream stream, MeshFrameType type, byte[] body)
    {
        var frame = new byte[16 + body.Length];
        await stream.WriteAsync(frame.AsMemory(0, Write(frame, type, body)), _network.Patience);
    }

    public static byte[] WithLength(ReadOnlySpan<byte> bytes)
    {
        var all = new byte[8 + bytes.Length];
        var writer = new SpanWriter(all);
        writer.WriteVarInt((ulong)bytes.Length);
        writer.WriteBytes(bytes);
        return all[..writer.Position];
    }

    public ValueTask DisposeAsync() => _endpoint.DisposeAsync();

    private static int Write(byte[] frame, MeshFrameType type, byte[] body)
    {
        var writer = new SpanWriter(frame);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        return writer.Position;
    }
}
