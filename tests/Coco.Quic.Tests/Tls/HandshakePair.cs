using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

/// <summary>
/// A client and a server in memory, with their secrets compared and, if asked for, the bytes between them changed.
/// </summary>
internal sealed class HandshakePair : IDisposable
{
    public static readonly IdentityKey ClientKey = IdentityKey.FromSeed(Enumerable.Repeat((byte)0xC1, 32).ToArray());
    public static readonly IdentityKey ServerKey = IdentityKey.FromSeed(Enumerable.Repeat((byte)0x5E, 32).ToArray());
    public static readonly IdentityKey OtherKey = IdentityKey.FromSeed(Enumerable.Repeat((byte)0x07, 32).ToArray());
    public static readonly byte[] ClientParameters = [0x01, 0x02, 0x67, 0x10];
    public static readonly byte[] ServerParameters = [0x03, 0x02, 0x45, 0xc0, 0x0c, 0x00];

    private readonly List<(EncryptionLevel Level, bool FromClient, byte[] Secret)> _secrets = [];

    public HandshakePair(
        TlsOptions? clientOptions = null, TlsOptions? serverOptions = null, ulong seed = 1, NodeId? expected = null,
        bool anonymous = false, IReadOnlyList<IdentityKey>? identities = null)
    {
        Client = new(
            clientOptions ?? new(), new SeededRandomSource(seed), anonymous ? null : ClientKey, expected ?? ServerKey.Id,
            ClientParameters);
        Server = new(
            serverOptions ?? clientOptions ?? new(), new SeededRandomSource(~seed), identities ?? [ServerKey], ServerParameters);
        Client.Start();
        Server.Start();
    }

    /// <summary>Handed each piece of output before it is delivered; what it returns is delivered in its place.</summary>
    public Func<EncryptionLevel, bool, byte[], byte[]> Change { get; set; } = static (_, _, data) => data;

    public ClientHandshake Client { get; }

    public ServerHandshake Server { get; }

    public int ChunkSize { get; set; } = int.MaxValue;

    /// <summary>Delivers until neither side has anything to say.</summary>
    public HandshakePair Run()
    {
        while (Deliver(Client, Server, fromClient: true) | Deliver(Server, Client, fromClient: false)) { }
        return this;
    }

    /// <summary>Whether both sides hold the same secrets for each level and direction.</summary>
    public bool SecretsAgree(out int count)
    {
        var groups = _secrets.GroupBy(secret => (secret.Level, secret.FromClient)).ToList();
        count = groups.Count;
        return groups.All(group => group.Count() == 2 && group.First().Secret.SequenceEqual(group.Last().Secret));
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    public static List<(EncryptionLevel Level, byte[] Data)> Drain(TlsHandshake handshake)
    {
        var output = new List<(EncryptionLevel, byte[])>();
        while (handshake.TryTakeOutput(out var level, out var data)) { output.Add((level, data.ToArray())); }
        return output;
    }

    private bool Deliver(TlsHandshake from, TlsHandshake to, bool fromClient)
    {
        TakeSecrets(from);
        var any = false;
        foreach (var (level, data) in Drain(from))
        {
            any = true;
            foreach (var chunk in Change(level, fromClient, data).Chunk(Math.Min(ChunkSize, 1 << 20)))
            {
                to.HandleCrypto(level, chunk);
            }
        }

        TakeSecrets(to);
        return any;
    }

    private void TakeSecrets(TlsHandshake handshake)
    {
        while (handshake.TryTakeSecrets(out var secrets))
        {
            var bytes = new byte[TrafficSecrets.Size];
            secrets.CopyTo(bytes);
            _secrets.Add((secrets.Level, secrets.IsWrite == handshake.IsClient, bytes));
        }
    }
}
