namespace Coco.Traversal.Relays;

/// <summary>What <see cref="RelayHomes"/> wants done.</summary>
internal abstract record RelayDecision
{
    private RelayDecision()
    {
    }

    /// <summary>Make a control connection. Answer: <see cref="RelayHomes.HandleConnected"/> or <see cref="RelayHomes.HandleFailed"/>.</summary>
    public sealed record Connect(RelayInfo Relay) : RelayDecision;

    /// <summary>Register over the control connection, which stands. Answer: <see cref="RelayHomes.HandleRegistered"/> or
    /// <see cref="RelayHomes.HandleRefused"/>.</summary>
    public sealed record Register(RelayInfo Relay, RelayPreference Preference) : RelayDecision;

    /// <summary>The relay is not needed as a home any more: end the control connection once no session uses it.</summary>
    public sealed record Release(RelayInfo Relay) : RelayDecision;
}
