namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>What was taken.</summary>
/// <param name="Statements">The names of the statements, 64 hexadecimal digits each, in the order they were sent.</param>
/// <param name="Last">The number of the network's last statement now.</param>
public sealed record ChangeView(IReadOnlyList<string> Statements, long Last);
