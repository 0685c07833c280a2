namespace Coco.Traversal.Relays;

/// <summary>On what terms a relay serves one client.</summary>
public sealed record RelayTerms
{
    /// <summary>The network it belongs to, by a name of the relay's owner; empty for a stranger, which may have sessions with members of any
    /// network, as one that is about to join has to, within <see cref="RelayServerOptions.PerStranger"/>. Default empty.</summary>
    public string Network { get; init; } = "";

    /// <summary>What is forwarded for the client; the relay's default for members or strangers when null.</summary>
    public RelayQuota? PerClient { get; init; }

    /// <summary>What is forwarded for all clients of the network together; the relay's default when null.</summary>
    public RelayQuota? PerNetwork { get; init; }

    /// <summary>Bytes that the network may send from now on before its rate falls to <see cref="RelayQuota.BytesPerSecondBeyond"/>, until its terms
    /// are said to have changed; null where the relay itself counts months. At least 0.</summary>
    public long? NetworkBytesLeft { get; init => field = value is < 0 ? throw new ArgumentOutOfRangeException(nameof(NetworkBytesLeft)) : value; }

    /// <summary>Why the client is not served, in words that it is told, at most 128 characters; null, the default, where it is.</summary>
    public string? Refusal { get; init => field = value is { Length: > 128 } ? value[..128] : value; }
}
