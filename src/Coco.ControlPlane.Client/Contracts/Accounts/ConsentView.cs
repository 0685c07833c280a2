namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>What a person lets an app do.</summary>
/// <param name="App">The app.</param>
/// <param name="Name">How the app is called.</param>
/// <param name="Scopes">What was agreed to. The app gets no more of it than it may have on the day.</param>
/// <param name="Given">When the person last agreed.</param>
public sealed record ConsentView(string App, string Name, IReadOnlyList<string> Scopes, DateTimeOffset Given);
