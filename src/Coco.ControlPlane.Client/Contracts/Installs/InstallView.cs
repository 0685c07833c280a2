namespace Coco.ControlPlane.Client.Contracts.Installs;

/// <summary>An install of an app, as the app's service may know it.</summary>
/// <param name="Id">A pseudonym, which this app alone has for it; the node's identity where <paramref name="Anonymised"/> is false.</param>
/// <param name="Network">A pseudonym of its network, this app's alone too; the network's identity where <paramref name="Anonymised"/> is false.</param>
/// <param name="Since">The day it came, UTC.</param>
/// <param name="Anonymised">False in the app's own developer networks, where nodes are the developer's to see. True everywhere else.</param>
public sealed record InstallView(string Id, string Network, DateOnly Since, bool Anonymised);
