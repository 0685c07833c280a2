using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Members;

/// <content>
/// What time it is, asked of those who may say. Their answer is of now, because it signs our nonce.
/// <code>
/// TimeAsked (13) = nonce (16)
/// TimeTold (14)  = user key (32) ‖ unix seconds u64 ‖ signature (64)
/// signature      = Ed25519( user, "coco time v1" ‖ network (32) ‖ nonce (16) ‖ asker's NodeId (32) ‖ unix seconds u64 )
/// </code>
/// </content>
internal sealed partial class NetworkMember
{
    private const int NonceSize = 16;

    private static readonly TimeSpan TimeAnswer = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswerInterval = TimeSpan.FromSeconds(1);

    private static ReadOnlySpan<byte> TimeDomain => "coco time v1"u8;

    private ulong _clock;
    private TimeSpan _clockAt;

    private void AskTime(MemberPeer peer)
    {
        if (_time.At(_now).IsTrusted || _roster.Find(peer.Id) is not { } certificate) { return; }
        if (RoleOf(certificate) is not (Role.Owner or Role.Admin)) { return; }
        var nonce = new byte[NonceSize];
        _host.Random.Fill(nonce);
        (peer.TimeNonce, peer.TimeAskedAt) = (nonce, _now);
        SendFrame(peer.Id, MeshFrameType.TimeAsked, nonce);
    }

    private bool TakeTimeAsked(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        if (body.Length != NonceSize) { return false; }
        var time = _time.At(_now);
        // Whoever is not sure what time it is says nothing.
        if (!time.IsTrusted || time.UnixSeconds == 0 || _now < peer.AnswersFrom || State.AuthorityOf(Keys.UserId) is null) { return true; }
        peer.AnswersFrom = _now + AnswerInterval;
        var answer = new byte[UserId.Size + sizeof(ulong) + IdentityKey.SignatureSize];
        var writer = new SpanWriter(answer);
        writer.WriteKey(Keys.User.Id);
        writer.WriteUInt64(time.UnixSeconds);
        Keys.User.Sign(TimeBytes(body, peer.Id, time.UnixSeconds), writer.Reserve(IdentityKey.SignatureSize));
        SendFrame(peer.Id, MeshFrameType.TimeTold, answer);
        return true;
    }

    private bool TakeTimeTold(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadKey(out var user) || !reader.TryReadUInt64(out var seconds)) { return false; }
        if (!reader.TryReadBytes(IdentityKey.SignatureSize, out var signature)) { return false; }
        if (peer.TimeNonce is not { } nonce || _now - peer.TimeAskedAt > TimeAnswer) { return true; }
        peer.TimeNonce = null;
        if (!user.Verify(TimeBytes(nonce, Self, seconds), signature)) { return false; }
        MemberLog.TimeTold(_logger, peer.Id, new(user), seconds);
        HandleClaim(user, seconds, isLive: true);
        return true;
    }

    // What one admin alone says is known and does not count: an operator may want to know who says it.
    private void HandleClaim(NodeId issuer, ulong seconds, bool isLive)
    {
        _time.HandleClaim(issuer, seconds, isLive, _now);
        if (seconds > _time.At(_now).UnixSeconds + (ulong)_options.Time.Tolerance.TotalSeconds) { MemberLog.TimeUnconfirmed(_logger, issuer, seconds); }
    }

    private byte[] TimeBytes(ReadOnlySpan<byte> nonce, NodeId asker, ulong seconds)
    {
        var bytes = new byte[TimeDomain.Length + NetworkId.Size + NonceSize + NodeId.Size + sizeof(ulong)];
        var writer = new SpanWriter(bytes);
        writer.WriteBytes(TimeDomain);
        writer.WriteKey(Network.Key);
        writer.WriteBytes(nonce);
        writer.WriteKey(asker);
        writer.WriteUInt64(seconds);
        return bytes;
    }

    // The best there is to date what we sign with.
    private ulong SigningTime
    {
        get
        {
            var best = _time.At(_now).UnixSeconds;
            return best != 0 || _clock == 0 ? best : _clock + (ulong)(_now - _clockAt).TotalSeconds;
        }
    }
}
