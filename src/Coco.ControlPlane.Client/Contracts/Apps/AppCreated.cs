namespace Coco.ControlPlane.Client.Contracts.Apps;

/// <summary>An app with its new secret.</summary>
/// <param name="App">The app.</param>
/// <param name="Secret">Its <c>client_secret</c>, shown this once; null for apps that could not keep it.</param>
public sealed record AppCreated(AppView App, string? Secret = null)
{
    /// <summary>The app's name alone: texts end in logs.</summary>
    public override string ToString() => $"{nameof(AppCreated)}({App.Id})";
}
