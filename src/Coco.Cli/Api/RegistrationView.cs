namespace Coco.Cli.Api;

/// <summary>What a control plane was brought of a network.</summary>
internal sealed record RegistrationView(string Network, string Control, bool IsNew, int Statements, int Nodes);
