namespace Coco.Cli.Api;

/// <summary>What a demo measured.</summary>
/// <param name="Ground">namespaces or loopback.</param>
/// <param name="Why">Why it was on loopback; null where it was not.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Figures">In the order in which they were measured.</param>
/// <param name="Folder">Where what runs is found, where it was kept.</param>
internal sealed record DemoView(string Ground, string? Why, double Seconds, IReadOnlyList<DemoFigure> Figures, string? Folder);
