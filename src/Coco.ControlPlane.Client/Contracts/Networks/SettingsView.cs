namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>What holds for a whole network.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Profile"><c>private</c> or <c>open</c>.</param>
/// <param name="Owner">The user who owns it.</param>
/// <param name="RecoveryKey">The key that can name another owner; null for none.</param>
public sealed record SettingsView(string Name, string Profile, string Owner, string? RecoveryKey = null);
