namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>Another password for the caller.</summary>
/// <param name="Current">The password until now.</param>
/// <param name="Wanted">The new one, 8 to 256 characters.</param>
public sealed record PasswordChange(string Current, string Wanted)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(PasswordChange);
}
