using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>The key schedule and what comes out of it (RFC 8446 §7).</summary>
internal abstract partial class TlsHandshake
{
    /// <summary>Handshake and 1-RTT, read and write: a connection never has more secrets than these.</summary>
    private const int MaxSecrets = 4;

    private Transcript? _transcript = new();
    private KeySchedule? _keys;
    private EphemeralKey? _ephemeral;
    private TlsExporter? _exporter;
    private byte[]? _clientRandom;

    /// <summary>The client's, then the server's handshake traffic secret: the keys of Finished come from them.</summary>
    private byte[]? _finishedSecrets;

    private TrafficSecrets[]? _secrets;
    private int _secretsAdded;
    private int _secretsTaken;
    private Queue<(EncryptionLevel Level, byte[] Data)>? _output;

    protected Transcript Transcript => _transcript!;

    /// <summary>The random of ClientHello: it names the connection in a key log and keys the server name token.</summary>
    protected ReadOnlySpan<byte> ClientRandom => _clientRandom;

    public bool TryTakeOutput(out EncryptionLevel level, out ReadOnlyMemory<byte> data)
    {
        (level, data) = (default, default);
        if (_output is null || !_output.TryDequeue(out var next)) { return false; }
        (level, data) = next;
        if (_output.Count == 0) { _output = null; }
        return true;
    }

    public bool TryTakeSecrets(out TrafficSecrets secrets)
    {
        secrets = default;
        if (_secrets is null || _secretsTaken == _secretsAdded) { return false; }
        secrets = _secrets[_secretsTaken];
        _secrets[_secretsTaken++] = default;
        if (_secretsTaken == MaxSecrets) { _secrets = null; }
        return true;
    }

    public bool TryExport(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        if (State is not HandshakeState.Complete || _exporter is null) { return false; }
        _exporter.Export(label, context, destination);
        return true;
    }

    /// <summary>The exporter, for a connection that keeps only it and disposes the handshake; null before completion.</summary>
    public TlsExporter? DetachExporter()
    {
        if (State is not HandshakeState.Complete) { return null; }
        var exporter = _exporter;
        _exporter = null;
        return exporter;
    }

    protected void Send(EncryptionLevel level, TlsWriter writer) =>
        (_output ??= new()).Enqueue((level, writer.Written.ToArray()));

    protected void SetClientRandom(ReadOnlySpan<byte> random) => _clientRandom = random.ToArray();

    protected void CopyPublicKeyTo(Span<byte> share) => (_ephemeral ??= EphemeralKey.Generate(Random)).CopyPublicKeyTo(share);

    /// <summary>§7.4.2: false when the agreed secret is all zero, which only a small-order share makes it.</summary>
    protected bool TryAgree(ReadOnlySpan<byte> peerShare)
    {
        _ephemeral ??= EphemeralKey.Generate(Random);
        if (!_ephemeral.TryAgree(peerShare, out var shared)) { return false; }
        _keys = new();
        _keys.EnterHandshake(shared.Span);
        shared.Dispose();
        _ephemeral.Dispose();
        _ephemeral = null;
        return true;
    }

    /// <summary>After ServerHello: both handshake secrets become usable, and the Initial stream ends.</summary>
    protected void InstallHandshakeSecrets()
    {
        Span<byte> hash = stackalloc byte[TlsProfile.HashLength];
        Transcript.CopyHashTo(hash);
        _finishedSecrets = new byte[2 * TlsProfile.HashLength];
        _keys!.Derive("c hs traffic"u8, hash, FinishedSecret(ofClient: true));
        _keys.Derive("s hs traffic"u8, hash, FinishedSecret(ofClient: false));
        Log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", FinishedSecret(ofClient: true));
        Log("SERVER_HANDSHAKE_TRAFFIC_SECRET", FinishedSecret(ofClient: false));

        Add(new(EncryptionLevel.Handshake, isWrite: false, FinishedSecret(ofClient: !IsClient)));
        Add(new(EncryptionLevel.Handshake, isWrite: true, FinishedSecret(ofClient: IsClient)));
        ReadLevel = EncryptionLevel.Handshake;
    }

    /// <summary>After the server's Finished (§7.1): all 1-RTT secrets are known, which is not to say they may be used.</summary>
    protected void DeriveApplicationSecrets(Span<byte> client, Span<byte> server)
    {
        Span<byte> hash = stackalloc byte[TlsProfile.HashLength];
        Span<byte> exporter = stackalloc byte[TlsProfile.HashLength];
        Transcript.CopyHashTo(hash);
        _keys!.EnterMaster();
        _keys.Derive("c ap traffic"u8, hash, client);
        _keys.Derive("s ap traffic"u8, hash, server);
        _keys.Derive("exp master"u8, hash, exporter);
        _exporter = new(exporter);
        Log("CLIENT_TRAFFIC_SECRET_0", client);
        Log("SERVER_TRAFFIC_SECRET_0", server);
        Log("EXPORTER_SECRET", exporter);
        CryptographicOperations.ZeroMemory(exporter);
    }

    protected void InstallApplicationWriteSecret(ReadOnlySpan<byte> secret) =>
        Add(new(EncryptionLevel.OneRtt, isWrite: true, secret));

    /// <summary>RFC 9001 §5.7: only once the peer's Finished is verified.</summary>
    protected void InstallApplicationReadSecret(ReadOnlySpan<byte> secret)
    {
        Add(new(EncryptionLevel.OneRtt, isWrite: false, secret));
        ReadLevel = EncryptionLevel.OneRtt;
    }

    protected Span<byte> FinishedSecret(bool ofClient) =>
        _finishedSecrets.AsSpan(ofClient ? 0 : TlsProfile.HashLength, TlsProfile.HashLength);

    private void Add(TrafficSecrets secrets) => (_secrets ??= new TrafficSecrets[MaxSecrets])[_secretsAdded++] = secrets;

    private void Log(string label, ReadOnlySpan<byte> secret) => Options.SecretLog?.Invoke(label, ClientRandom, secret);
}
