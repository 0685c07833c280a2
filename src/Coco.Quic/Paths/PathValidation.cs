using System.Security.Cryptography;
using System.Runtime.InteropServices;

namespace Coco.Quic.Paths;

/// <summary>
/// Validation of one path in both directions (RFC 9000 §8.2): challenges of ours that wait for their echo, and answers that we owe.
/// A mutable struct that lives as a field of its path.
/// </summary>
internal struct PathValidation
{
    // Chosen: a peer that floods challenges gets the newest answered; each answer is one datagram of ours for one of its.
    private const int MaxResponses = 2;
    private const int MaxChallenges = 4;

    private Challenges _challenges;
    private byte _challengeCount;
    private ulong _response0;
    private ulong _response1;
    private byte _responseCount;

    public PathValidationState State { get; private set; }

    /// <summary>When the next challenge is due; 0 when none is.</summary>
    public long NextChallenge { get; private set; }

    /// <summary>When the validation fails; 0 when none runs.</summary>
    public long Deadline { get; private set; }

    /// <summary>Whether a challenge went out in a datagram below 1,200 bytes: its echo proves the address, not the size (RFC 9000 §8.2.1).</summary>
    public bool WasSmall { get; private set; }

    /// <summary>Whether a challenge has to go out now.</summary>
    public readonly bool WantsChallenge(long now) => State == PathValidationState.Validating && NextChallenge <= now;

    public readonly bool OwesResponse => _responseCount > 0;

    /// <summary>Starts, or starts again. RFC 9000 §8.2.4: three times the larger of the PTO and the initial PTO is recommended.</summary>
    public void Start(long now, long timeout)
    {
        State = PathValidationState.Validating;
        NextChallenge = now;
        Deadline = now + timeout;
        _challengeCount = 0;
        WasSmall = false;
    }

    /// <summary>A challenge with this unpredictable content is sent; the next one follows after <paramref name="interval"/>.</summary>
    public void OnChallengeSent(ulong data, bool isSmall, long now, long interval)
    {
        WasSmall |= isSmall;
        _challenges[_challengeCount % MaxChallenges] = data;
        if (_challengeCount < byte.MaxValue) { _challengeCount++; }
        // Doubling, so that a dead path costs few packets; a path that lost one packet is proved by the next.
        NextChallenge = now + (interval << Math.Min(_challengeCount - 1, 4));
    }

    /// <summary>Whether the echo is of one of our challenges; the path is valid then (RFC 9000 §8.2.3).</summary>
    public bool TryComplete(ulong echo)
    {
        if (State != PathValidationState.Validating) { return false; }
        var matches = false;
        for (var i = 0; i < Math.Min((int)_challengeCount, MaxChallenges); i++)
        {
            var expected = _challenges[i];
            matches |= CryptographicOperations.FixedTimeEquals(
                MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in expected)), MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in echo)));
        }
        if (!matches) { return false; }
        State = PathValidationState.Valid;
        NextChallenge = Deadline = 0;
        return true;
    }

    public void MarkValid()
    {
        State = PathValidationState.Valid;
        NextChallenge = Deadline = 0;
    }

    public void MarkFailed()
    {
        State = PathValidationState.Failed;
        NextChallenge = Deadline = 0;
    }

    /// <summary>A challenge of the peer's came on this path and has to be answered on it (RFC 9000 §8.2.2).</summary>
    public void QueueResponse(ulong data)
    {
        if (_responseCount == MaxResponses) { (_response0, _response1) = (_response1, data); return; }
        if (_responseCount == 0) { _response0 = data; }
        else { _response1 = data; }
        _responseCount++;
    }

    public bool TryTakeResponse(out ulong data)
    {
        data = _response0;
        if (_responseCount == 0) { return false; }
        _response0 = _response1;
        _responseCount--;
        return true;
    }

    [System.Runtime.CompilerServices.InlineArray(MaxChallenges)]
    private struct Challenges
    {
        private ulong _first;
    }
}
