using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Cluster.Time;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Members;

/// <content>
/// What time it is, asked of those who may say. Their answer is of now, because it signs our nonce (<see cref="LiveTime"/>).
/// <code>
/// TimeAsked (13) = nonce (16)
/// TimeTold (14)  = user key (32) ‖ unix seconds u64 ‖ signature (64)
/// </code>
/// </content>
internal sealed partial class NetworkMember
{
    private static readonly TimeSpan TimeAnswer = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswerInterval = TimeSpan.FromSeconds(1);

    // Chosen: whoever was not sure when the connection came about may be by then.
    private static readonly TimeSpan AskInterval = TimeSpan.FromMinutes(5);

    private TimeSpan? _askTimeAt;
    private ulong _clock;
    private TimeSpan _clockAt;

    /// <summary>A question for a listed control plane, to be sent over a connection to it; null where it is not to be asked. Who knows the time for sure asks
    /// nobody. Nor does who dates statements and tells the time as owner or admin: others would believe a lie by that signature, and go on believing it
    /// when the control plane is listed no more.</summary>
    public byte[]? AskPlaneTime(NodeId plane, TimeSpan now)
    {
        _now = now;
        if (_time.At(now).IsTrusted || _isRemoved || State.AuthorityOf(Keys.UserId) is not null || !State.ControlPlanes.Any(entry => entry.Id == plane)) { return null; }
        var nonce = new byte[LiveTime.NonceSize];
        _host.Random.Fill(nonce);
        return LiveTime.Question(Network, nonce);
    }

    /// <summary>Takes the answer. It counts by the rules of <see cref="BestTime"/>, as long as the network lists the control plane.</summary>
    /// <param name="plane">Who was asked.</param>
    /// <param name="question">What <see cref="AskPlaneTime"/> gave, just now.</param>
    /// <param name="answer">What came back.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it is the control plane's answer to that question.</returns>
    public bool HandlePlaneTime(NodeId plane, ReadOnlySpan<byte> question, ReadOnlySpan<byte> answer, TimeSpan now)
    {
        _now = now;
        var reader = new SpanReader(answer);
        if (!reader.TryReadUInt64(out var seconds) || !reader.TryReadBytes(IdentityKey.SignatureSize, out var signature)) { return false; }
        if (!plane.Verify(LiveTime.Bytes(Network, question[^LiveTime.NonceSize..], Self, seconds), signature)) { return false; }
        MemberLog.TimeTold(_logger, plane, new(plane), seconds);
        HandleClaim(plane, seconds, isLive: true);
        Finish();
        return true;
    }

    private void AskTime(MemberPeer peer)
    {
        if (_time.At(_now).IsTrusted || _roster.Find(peer.Id) is not { } certificate) { return; }
        _askTimeAt ??= _now + AskInterval;
        if (RoleOf(certificate) is not (Role.Owner or Role.Admin)) { return; }
        var nonce = new byte[LiveTime.NonceSize];
        _host.Random.Fill(nonce);
        (peer.TimeNonce, peer.TimeAskedAt) = (nonce, _now);
        SendFrame(peer.Id, MeshFrameType.TimeAsked, nonce);
    }

    private void AskAllTime()
    {
        _askTimeAt = null;
        foreach (var peer in _peers.Values)
        {
            if (peer.State is MemberPeerState.Verified) { AskTime(peer); }
        }
    }

    private bool TakeTimeAsked(MemberPeer peer, ReadOnlySpan<byte> body)
    {
        if (body.Length != LiveTime.NonceSize) { return false; }
        var time = _time.At(_now);
        // Whoever is not sure what time it is says nothing.
        if (!time.IsTrusted || time.UnixSeconds == 0 || _now < peer.AnswersFrom || State.AuthorityOf(Keys.UserId) is null) { return true; }
        peer.AnswersFrom = _now + AnswerInterval;
        var answer = new byte[UserId.Size + sizeof(ulong) + IdentityKey.SignatureSize];
        var writer = new SpanWriter(answer);
        writer.WriteKey(Keys.User.Id);
        writer.WriteUInt64(time.UnixSeconds);
        Keys.User.Sign(LiveTime.Bytes(Network, body, peer.Id, time.UnixSeconds), writer.Reserve(IdentityKey.SignatureSize));
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
        if (!user.Verify(LiveTime.Bytes(Network, nonce, Self, seconds), signature)) { return false; }
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

    // The best there is to date what we sign with.
    private ulong SigningTime
    {
        get
        {
            var best = _time.At(_now).UnixSeconds;
            var clock = _clock + (ulong)(_now - _clockAt).TotalSeconds;
            return best != 0 || !BestTime.CanBe(clock) ? best : clock;
        }
    }
}
