using System.Net;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Members;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Quic.Packets;
using Coco.Transport;

namespace Coco.Tests.Networks;

/// <summary>A member whose every byte the test writes: it has keys, a certificate and a connection, and no node.</summary>
internal sealed class HandMadePeer : IAsyncDisposable
{
    private readonly Endpoint _endpoint;
    private readonly AdmissionInformation _admission;
    private readonly CancellationToken _patience;

    private HandMadePeer(Endpoint endpoint, AdmissionInformation admission, Connection connection, ConnectionStream mesh, CancellationToken patience) =>
        (_endpoint, _admission, Connection, Mesh, _patience) = (endpoint, admission, connection, mesh, patience);

    public Connection Connection { get; }

    public ConnectionStream Mesh { get; }

    public NodeId Id => Connection.LocalId;

    /// <summary>Is admitted by a node, calls it, and shows that it belongs.</summary>
    public static async Task<HandMadePeer> JoinAsync(TestNetwork network, Node by, string name, string app)
    {
        var random = new SeededRandomSource((ulong)name.Length);
        var keys = new MemberKeys(IdentityKey.Generate(random), IdentityKey.Generate(random));
        var wish = new JoinWish(keys.UserId, NodeCertificate.Consent(keys.User, by.Network, keys.Node.Id), name, new(app), false, false);
        var text = await by.AdmitAsync(NodeInformation.Export(keys.Node, by.Network, wish, null), null, network.Patience);
        Assert.True(AdmissionInformation.TryImport(text, keys.Node.Id, out var admission));
        var endpoint = network.Own(await Endpoint.StartAsync(new() { Identities = [keys.Node], ListenAddresses = [new(IPAddress.Loopback, 0)] }, network.Patience));
        return network.Own(await CallAsync(endpoint, admission, by, network.Patience));
    }

    /// <summary>Calls another node as the same member; a connection of its own, which the endpoint ends.</summary>
    public Task<HandMadePeer> CallAsync(Node node) => CallAsync(_endpoint, _admission, node, _patience);

    private static async Task<HandMadePeer> CallAsync(Endpoint endpoint, AdmissionInformation admission, Node node, CancellationToken patience)
    {
        var connection = await endpoint.ConnectAsync(node.Id, ConnectHints.At(node.Host.LocalEndPoints[0]), patience);
        var mesh = await connection.OpenStreamAsync(cancellationToken: patience);
        await mesh.WriteAsync(StreamHeader.Of(StreamKind.Mesh), patience);
        var peer = new HandMadePeer(endpoint, admission, connection, mesh, patience);
        await peer.SendAsync((ulong)MeshFrameType.Certificates, WithLength(admission.Certificate.Span));
        await peer.SendAsync((ulong)MeshFrameType.Statements, [2, .. WithLength(admission.Statements[0].Span)]);
        return peer;
    }

    public async Task SendAsync(ulong type, byte[] body)
    {
        var frame = new byte[(2 * VarInt.MaxLength) + body.Length];
        await Mesh.WriteAsync(frame.AsMemory(0, Write(frame, type, body)), _patience);
    }

    /// <summary>The next frame of a type; those before it are passed over.</summary>
    public async Task<byte[]> ReceiveAsync(MeshFrameType type)
    {
        while (true)
        {
            var found = await StreamHeader.ReadVarIntAsync(Mesh, _patience);
            var length = await StreamHeader.ReadVarIntAsync(Mesh, _patience);
            Assert.NotNull(length);
            var body = new byte[(int)length];
            await Mesh.ReadExactlyAsync(body, _patience);
            if (found == (ulong)type) { return body; }
        }
    }

    /// <summary>Asks where the node is, which is answered after all that was sent before; gives back the types of the frames until then.</summary>
    public async Task<IReadOnlyList<ulong>> AskAsync(NodeId node)
    {
        var key = new byte[NodeId.Size];
        node.CopyTo(key);
        await SendAsync((ulong)MeshFrameType.AddressesWanted, key);
        var types = new List<ulong>();
        while (true)
        {
            types.Add(await StreamHeader.ReadVarIntAsync(Mesh, _patience) ?? throw new EndOfStreamException());
            var body = new byte[(int)(await StreamHeader.ReadVarIntAsync(Mesh, _patience) ?? 0)];
            await Mesh.ReadExactlyAsync(body, _patience);
            if (types[^1] == (ulong)MeshFrameType.AddressRecords && body.AsSpan().IndexOf(key) >= 0) { return types; }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _endpoint.DisposeAsync();
    }

    private static int Write(byte[] frame, ulong type, byte[] body)
    {
        var writer = new SpanWriter(frame);
        writer.WriteVarInt(type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        return writer.Position;
    }

    private static byte[] WithLength(ReadOnlySpan<byte> bytes)
    {
        var all = new byte[VarInt.MaxLength + bytes.Length];
        var writer = new SpanWriter(all);
        writer.WriteVarInt((ulong)bytes.Length);
        writer.WriteBytes(bytes);
        return writer.Written.ToArray();
    }
}
