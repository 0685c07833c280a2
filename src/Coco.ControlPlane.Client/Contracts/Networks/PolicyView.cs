namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>Who may use which services and topics of whom.</summary>
/// <param name="Text">The policy, a rule a line.</param>
public sealed record PolicyView(string Text);
