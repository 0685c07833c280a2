namespace Coco.Cli.Api;

/// <summary>A figure that the demo measured.</summary>
/// <param name="Step">In which step: network, path, messages, topics, stream, tunnel or cut.</param>
/// <param name="What">What was measured.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">ms, s, MB/s, bytes, messages/s, messages or frames.</param>
internal sealed record DemoFigure(string Step, string What, double Value, string Unit);
