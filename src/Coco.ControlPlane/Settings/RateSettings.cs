namespace Coco.ControlPlane.Settings;

/// <summary>How often may be asked. Five times as much at once, but for credentials.</summary>
internal sealed record RateSettings
{
    /// <summary>Requests per second of one caller. From 1 to 100,000, default 50.</summary>
    public int CallerPerSecond { get; init; } = 50;

    /// <summary>Requests per second without a token, or with one that does not hold, from one address. From 1 to 100,000, default 10.</summary>
    public int AnonymousPerSecond { get; init; } = 10;

    /// <summary>Attempts with a password, a code or a client's secret from one address per minute. From 1 to 100,000, default 20.</summary>
    public int CredentialsPerMinute { get; init; } = 20;

    public IEnumerable<string> Validate()
    {
        if (new[] { CallerPerSecond, AnonymousPerSecond, CredentialsPerMinute }.Any(rate => rate is < 1 or > 100_000)) { yield return "Rates are from 1 to 100,000."; }
    }
}
