namespace Coco.ControlPlane.Settings;

/// <summary>What a guess of a password costs (Argon2id, RFC 9106). A stored hash says what it was made with, so these may change at any time.</summary>
internal sealed record PasswordSettings
{
    /// <summary>Memory of one computation in MiB. From 19 to 1,024, default 64. The least is what OWASP's cheat sheet takes with two passes.</summary>
    public int MemoryMiB { get; init; } = 64;

    /// <summary>Passes over the memory. From 1 to 16, default 2.</summary>
    public int Passes { get; init; } = 2;

    /// <summary>Computations at once: with the memory, what a flood of sign-ins can take. From 1 to 64, default 4.</summary>
    public int AtOnce { get; init; } = 4;

    /// <summary>Computations that wait for their turn; who comes later is told to try again. From 1 to 10,000, default 64.</summary>
    public int MaxWaiting { get; init; } = 64;

    public IEnumerable<string> Validate()
    {
        if (MemoryMiB is < 19 or > 1024) { yield return "Passwords.MemoryMiB is from 19 to 1,024."; }
        if (Passes is < 1 or > 16) { yield return "Passwords.Passes is from 1 to 16."; }
        if (AtOnce is < 1 or > 64) { yield return "Passwords.AtOnce is from 1 to 64."; }
        if (MaxWaiting is < 1 or > 10_000) { yield return "Passwords.MaxWaiting is from 1 to 10,000."; }
    }
}
