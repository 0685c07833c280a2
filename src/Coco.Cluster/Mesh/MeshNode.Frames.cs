using System.Buffers;
using Coco.Cluster.Certificates;
using Coco.Cluster.Graph;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Mesh;

/// <content>
/// <code>
/// frame = type varint ‖ length varint ‖ body                                       length at most 65,536; unknown types are skipped
/// Hello = version varint (1) ‖ count u8 ‖ count × scope ‖ anything a later version adds
/// CertificatesWanted = NodeId × …          Certificates = ( length varint ‖ certificate ) × …
/// </code>
/// </content>
internal sealed partial class MeshNode
{
    /// <summary>Bytes a frame's body may have.</summary>
    public const int MaxFrame = 65_536;

    private const int MaxCertificate = 4096;

    // Ours stay well below the limit, so that one more item always fits.
    private const int FrameTarget = 32_768;

    private readonly Dictionary<MeshRefusal, long> _refusals = [];
    private readonly Dictionary<NodeId, TimeSpan> _shunned = [];

    /// <summary>The length of the frame that <paramref name="bytes"/> start with: 0 while that cannot be told yet, -1 where it is too long.</summary>
    public static int FrameLength(ReadOnlySpan<byte> bytes)
    {
        var reader = new SpanReader(bytes);
        if (!reader.TryReadVarInt(out _) || !reader.TryReadVarInt(out var length)) { return 0; }
        return length > MaxFrame ? -1 : reader.Position + (int)length;
    }

    /// <summary>Whole frames from a peer, as they came on its stream.</summary>
    public void HandleMessage(NodeId from, ReadOnlySpan<byte> frames, TimeSpan now)
    {
        if (!_peers.TryGetValue(from, out var peer)) { return; }
        var reader = new SpanReader(frames);
        while (!reader.IsEmpty && _peers.ContainsKey(from))
        {
            if (!reader.TryReadVarInt(out var type) || !reader.TryReadVarInt(out var length)
                || length > MaxFrame || !reader.TryReadBytes(length, out var body))
            {
                LetGo(peer, MeshRefusal.Malformed, now);
                break;
            }
            var refusal = HandleFrame(peer, (MeshFrameType)type, body, now);
            if (refusal is not MeshRefusal.None) { Refuse(peer, type, refusal, now); }
        }
        Finish();
    }

    private MeshRefusal HandleFrame(MeshPeer peer, MeshFrameType type, ReadOnlySpan<byte> body, TimeSpan now)
    {
        switch (type)
        {
            case MeshFrameType.Hello: return HandleHello(peer, body, now);
            case MeshFrameType.GraphDigest: return HandleDigest(peer, body, now);
            case MeshFrameType.Advertisements: return HandleAdvertisements(peer, body, now);
            case MeshFrameType.AdvertisementsWanted: return HandleWanted(peer, body, now);
            case MeshFrameType.Certificates: return HandleCertificates(peer, body, now);
            case MeshFrameType.CertificatesWanted: return HandleCertificatesWanted(peer, body, now);
            case MeshFrameType.StatementHeads: _statements?.HandleHeads(peer.Id, body); return MeshRefusal.None;
            case MeshFrameType.Statements: _statements?.HandleStatements(peer.Id, body); return MeshRefusal.None;
            default: return MeshRefusal.None;
        }
    }

    private MeshRefusal HandleHello(MeshPeer peer, ReadOnlySpan<byte> body, TimeSpan now)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadVarInt(out _) || !reader.TryReadByte(out var count)) { return MeshRefusal.Malformed; }
        if (!peer.TryPay(1, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
        var declared = new ScopeId[count];
        for (var i = 0; i < count; i++)
        {
            if (!ScopeId.TryRead(ref reader, out declared[i])) { return MeshRefusal.Malformed; }
        }
        peer.Declared = declared;
        OpenScopeOf(peer, now);
        Share(peer, now);
        return MeshRefusal.None;
    }

    private void WriteHello(MeshPeer peer)
    {
        var body = ArrayPool<byte>.Shared.Rent(MaxFrame);
        var writer = new SpanWriter(body);
        writer.WriteVarInt(1);
        writer.WriteByte((byte)_own.Count(own => MaySee(peer.Id, own.Scope)));
        foreach (var own in _own)
        {
            if (MaySee(peer.Id, own.Scope)) { own.Scope.Write(ref writer); }
        }
        WriteFrame(peer, MeshFrameType.Hello, writer.Written);
        ArrayPool<byte>.Shared.Return(body);
    }

    private MeshRefusal HandleCertificatesWanted(MeshPeer peer, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (body.Length % NodeId.Size != 0) { return MeshRefusal.Malformed; }
        if (!peer.TryPay(body.Length / NodeId.Size, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
        var answer = ArrayPool<byte>.Shared.Rent(MaxFrame);
        var writer = new SpanWriter(answer);
        for (; !body.IsEmpty; body = body[NodeId.Size..])
        {
            var node = NodeId.Read(body[..NodeId.Size]);
            // What a peer may not see it cannot ask for either.
            if (!MaySee(peer.Id, HomeOf(node)) || _certificates is null || !_certificates.TryFind(node, out var found)) { continue; }
            if (found.Length > MaxCertificate) { continue; }
            writer.WriteVarInt((ulong)found.Length);
            writer.WriteBytes(found.Span);
            if (writer.Position < FrameTarget) { continue; }
            WriteFrame(peer, MeshFrameType.Certificates, writer.Written);
            writer = new(answer);
        }
        if (writer.Position > 0) { WriteFrame(peer, MeshFrameType.Certificates, writer.Written); }
        ArrayPool<byte>.Shared.Return(answer);
        return MeshRefusal.None;
    }

    private MeshRefusal HandleCertificates(MeshPeer peer, ReadOnlySpan<byte> body, TimeSpan now)
    {
        var reader = new SpanReader(body);
        var worst = MeshRefusal.None;
        while (!reader.IsEmpty)
        {
            if (!reader.TryReadVarIntBytes(out var certificate) || certificate.Length > MaxCertificate) { return MeshRefusal.Malformed; }
            if (!peer.TryPay(1, _options.ItemsPerSecond, now)) { return MeshRefusal.TooMuch; }
            if (_certificates is null) { return MeshRefusal.NotMember; }
            var verdict = _certificates.Add(certificate, out var node);
            if (verdict is CertificateVerdict.Valid) { continue; }
            MeshLog.CertificateRefused(_logger, peer.Id, node, verdict);
            if (worst is not MeshRefusal.BadSignature) { worst = RefusalOf(verdict); }
        }
        TryWaiting(now);
        return worst;
    }

    // Who belongs holds nothing that is not signed. What is valid no more, or not yet, it may still send.
    private static MeshRefusal RefusalOf(CertificateVerdict verdict) => verdict switch
    {
        CertificateVerdict.Unreadable => MeshRefusal.BadSignature,
        CertificateVerdict.OtherNetwork or CertificateVerdict.OutOfSight => MeshRefusal.OutOfScope,
        _ => MeshRefusal.NotMember,
    };

    private void WriteFrame(MeshPeer peer, MeshFrameType type, ReadOnlySpan<byte> body)
    {
        if (peer.Output is null)
        {
            peer.Output = new(body.Length + (2 * VarInt.MaxLength));
            _ready.Enqueue(peer);
        }
        var space = peer.Output.GetSpan(body.Length + (2 * VarInt.MaxLength));
        var writer = new SpanWriter(space);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        peer.Output.Advance(writer.Position);
    }

    // Lateness and crossed messages are ordinary; what an honest node cannot send is a strike.
    private void Refuse(MeshPeer peer, ulong type, MeshRefusal reason, TimeSpan now)
    {
        Count(reason);
        MeshLog.FrameRefused(_logger, peer.Id, type, reason);
        if (reason is MeshRefusal.Malformed or MeshRefusal.BadSignature or MeshRefusal.TooMuch && ++peer.Strikes >= _options.MaxStrikes)
        {
            LetGo(peer, reason, now);
        }
    }

    private void Count(MeshRefusal reason) => _refusals[reason] = _refusals.GetValueOrDefault(reason) + 1;

    private void LetGo(MeshPeer peer, MeshRefusal reason, TimeSpan now)
    {
        Count(reason);
        MeshLog.PeerLetGo(_logger, peer.Id, reason, peer.Strikes + 1);
        if (_shunned.Count >= _options.MaxPeers) { _shunned.Clear(); }
        _shunned[peer.Id] = now + TimeSpan.FromMinutes(10);
        _commands.Enqueue(new(MeshCommandKind.Disconnect, peer.Id));
        HandlePeerDown(peer.Id, now);
    }

    private bool IsShunned(NodeId node, TimeSpan now) => _shunned.TryGetValue(node, out var until) && now < until;
}
